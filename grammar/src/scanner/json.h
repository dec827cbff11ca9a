// The JSON form: taken only if the whole rest of the logical line is a valid JSON array, as Go's encoding/json judges.

#ifndef DOCKERFILE_JSON_H_
#define DOCKERFILE_JSON_H_

#include "lines.h"

#define MAX_JSON_DEPTH 32 // deeper nesting is not taken for JSON

static void skip_json_space(Reader *reader) {
    for (int32_t c = peek(reader); c == ' ' || c == '\t' || c == '\r'; c = peek(reader)) next(reader);
}

static bool accept(Reader *reader, int32_t c) {
    if (peek(reader) != c) return false;
    next(reader);
    return true;
}

static bool json_escape(Reader *reader) {
    int32_t c = peek(reader);
    if (!is_one_of(c, "\"\\/bfnrtu")) return false;
    next(reader);
    for (int i = 0; c == 'u' && i < 4; i++, next(reader)) {
        int32_t digit = peek(reader) | 0x20;
        if (!is_digit(peek(reader)) && (digit < 'a' || digit > 'f')) return false;
    }
    return true;
}

static bool json_string(Reader *reader) {
    if (!accept(reader, '"')) return false;
    for (;;) {
        int32_t c = peek(reader);
        if (c == LINE_END || (c >= 0 && c < ' ')) return false;
        next(reader);
        if (c == '"') return true;
        if (c == '\\' && !json_escape(reader)) return false;
    }
}

static bool json_digits(Reader *reader) {
    if (!is_digit(peek(reader))) return false;
    while (is_digit(peek(reader))) next(reader);
    return true;
}

static bool json_number(Reader *reader) {
    accept(reader, '-');
    if (!accept(reader, '0') && !json_digits(reader)) return false;
    if (accept(reader, '.') && !json_digits(reader)) return false;
    if (!accept(reader, 'e') && !accept(reader, 'E')) return true;
    if (!accept(reader, '-')) accept(reader, '+');
    return json_digits(reader);
}

static bool json_word(Reader *reader, const char *word) {
    for (; *word; word++) {
        if (!accept(reader, *word)) return false;
    }
    return true;
}

static bool json_value(Reader *reader, unsigned depth);

// An array or an object.
static bool json_members(Reader *reader, bool named, int32_t closer, unsigned depth) {
    next(reader);
    skip_json_space(reader);
    if (accept(reader, closer)) return true;
    do {
        skip_json_space(reader);
        if (named) {
            if (!json_string(reader)) return false;
            skip_json_space(reader);
            if (!accept(reader, ':')) return false;
            skip_json_space(reader);
        }
        if (!json_value(reader, depth + 1)) return false;
        skip_json_space(reader);
    } while (accept(reader, ','));
    return accept(reader, closer);
}

static bool json_value(Reader *reader, unsigned depth) {
    if (depth > MAX_JSON_DEPTH) return false;
    switch (peek(reader)) {
        case '"': return json_string(reader);
        case '[': return json_members(reader, false, ']', depth);
        case '{': return json_members(reader, true, '}', depth);
        case 't': return json_word(reader, "true");
        case 'f': return json_word(reader, "false");
        case 'n': return json_word(reader, "null");
        default: return json_number(reader);
    }
}

// Looks ahead: is the rest of the logical line one JSON array?
static bool json_array_follows(TSLexer *lexer, int32_t escape) {
    Reader reader = {.lexer = lexer, .escape = escape};
    if (peek(&reader) != '[' || !json_value(&reader, 0)) return false;
    while (is_space(peek(&reader))) next(&reader);
    return peek(&reader) == LINE_END;
}

// A token of an array that is known to be valid.
static bool scan_json(State *s, TSLexer *lexer) {
    bool bracket = s->arguments == JSON_BRACKET;
    s->arguments = JSON_ELEMENTS;
    if (bracket) return emit_taking(lexer, JSON_OPEN, 1);
    if (lexer->lookahead == ',') return emit_taking(lexer, JSON_COMMA, 1);
    if (lexer->lookahead == ']') return emit_taking(lexer, JSON_CLOSE, 1);
    enum Token token = lexer->lookahead == '"' ? JSON_STRING : JSON_VALUE;
    Reader reader = {.lexer = lexer, .escape = s->escape};
    return json_value(&reader, 1) && emit_here(lexer, token);
}

#endif
