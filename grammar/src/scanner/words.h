// Words: text, quotes and expansions.
//
// BuildKit first cuts an instruction into words and then reads quotes and expansions in each of them. So whatever a
// word leaves open is closed by an IMPLICIT_CLOSE at its end, and it never reaches into the next word or line. The
// quote that protects a blank (`State.quote`) is tracked apart from the nesting (`State.frames`), for the cutting knows
// no braces: in `ENV a="${b:-"c d"}"` the first word ends behind `c`.

#ifndef DOCKERFILE_WORDS_H_
#define DOCKERFILE_WORDS_H_

#include "lines.h"

static bool space_ends_word(const State *s) {
    if (s->word_kind == QUOTED_WORD || s->word_kind == FLAG_WORD) return !s->quote;
    return s->word_kind == PLAIN_WORD;
}

static bool ends_word(const State *s, int32_t c) {
    return space_ends_word(s) && (s->word_kind == PLAIN_WORD ? is_blank(c) : is_space(c));
}

static void track_quote(State *s, int32_t c) {
    if (s->quote == 0) s->quote = (uint8_t)c;
    else if (s->quote == c) s->quote = 0;
}

static bool has_room(const State *s) { return s->depth < MAX_FRAMES; }

// Whether quotes in this place are part of the text.
static bool quotes_are_text(const State *s) { return s->word_kind == FLAG_WORD && s->depth == 0; }

static bool is_quote(const State *s, int32_t c) {
    if (quotes_are_text(s)) return false;
    switch (innermost(s)) {
        case DOUBLE_QUOTES: return c == '"';
        case SINGLE_QUOTES: return c == '\'';
        default: return (c == '"' || c == '\'') && has_room(s);
    }
}

static bool may_expand(const State *s) {
    return innermost(s) != SINGLE_QUOTES && !(s->word_kind == FLAG_WORD && s->in_name);
}

// Behind a dollar sign: does this begin an expansion? BuildKit takes letters of all scripts, this ASCII ones.
static bool begins_expansion(const State *s, int32_t c) {
    return is_name_character(c) || is_special_parameter(c) || (c == '{' && has_room(s));
}

// Reads escape characters and what they escape. Returns false where the line may be continued or a blank follows: the
// text ends before that escape, and the next token begins with it.
static bool take_escapes(const State *s, TSLexer *lexer) {
    Escapes found = read_escapes(lexer, s->escape, NO_MARK);
    if (found.run == 1 && (found.blank || at_line_end(lexer))) return false;
    int32_t c = lexer->lookahead;
    bool splits = (s->word_kind == PLAIN_WORD && is_blank(c)) || (s->in_name && c == '=');
    bool escapes = found.run % 2 == 1 && innermost(s) != SINGLE_QUOTES && !splits && !at_line_end(lexer);
    if (escapes) take(lexer);
    return true;
}

static bool stops_text(const State *s, int32_t c) {
    return ends_word(s, c) || is_quote(s, c) || (c == '}' && innermost(s) == BRACES) || (c == '=' && s->in_name);
}

// Reads text up to whatever ends it; blanks at the end of the logical line are left out. `any` tells that some of it
// has been read already.
static bool scan_text(State *s, TSLexer *lexer, bool any) {
    bool kept = false, blanks = false; // whether the token has a length; whether only blanks were read since
    for (;;) {
        int32_t c = lexer->lookahead;
        bool line_ends = at_line_end(lexer);
        bool stops = !line_ends && stops_text(s, c);
        if (stops || (!blanks && (line_ends || is_space(c) || c == s->escape || c == '$'))) {
            lexer->mark_end(lexer);
            kept = any;
        }
        if (line_ends || stops) break;
        if (c == s->escape) {
            if (!take_escapes(s, lexer)) break;
        } else {
            if (c == '"' || c == '\'') track_quote(s, c);
            take(lexer);
            if (c == '$' && may_expand(s) && begins_expansion(s, lexer->lookahead)) break;
        }
        blanks = is_space(c);
        any = true;
    }
    return kept && emit(lexer, TEXT);
}

static bool scan_quote(State *s, TSLexer *lexer) {
    bool is_double = lexer->lookahead == '"';
    enum Frame frame = is_double ? DOUBLE_QUOTES : SINGLE_QUOTES;
    if (innermost(s) == frame) s->depth--;
    else s->frames[s->depth++] = (uint8_t)frame;
    track_quote(s, lexer->lookahead);
    return emit_taking(lexer, is_double ? DOUBLE_QUOTE : SINGLE_QUOTE, 1);
}

static bool scan_dollar(State *s, TSLexer *lexer) {
    take(lexer);
    if (!begins_expansion(s, lexer->lookahead)) return scan_text(s, lexer, true);
    s->expansion = PLAIN_NAME;
    if (lexer->lookahead != '{') return emit_here(lexer, DOLLAR);
    s->expansion = BRACED_NAME;
    s->frames[s->depth++] = BRACES;
    return emit_taking(lexer, BRACE_OPEN, 1);
}

static bool scan_variable(State *s, TSLexer *lexer) {
    s->expansion = s->expansion == BRACED_NAME ? BRACED_OPERATOR : NO_EXPANSION;
    if (is_special_parameter(lexer->lookahead)) return emit_taking(lexer, VARIABLE, 1);
    bool digits = is_digit(lexer->lookahead);
    while (digits ? is_digit(lexer->lookahead) : is_name_character(lexer->lookahead)) take(lexer);
    return emit_here(lexer, VARIABLE);
}

static bool is_operator(int32_t c) { return is_one_of(c, "-+?#%/:"); }

// `:-`, `-`, `##`, `/` …, or text if a colon stands alone.
static bool scan_operator(State *s, TSLexer *lexer) {
    s->expansion = NO_EXPANSION;
    int32_t first = lexer->lookahead;
    take(lexer);
    int32_t second = lexer->lookahead;
    if (first == ':') {
        bool known = second == '-' || second == '+' || second == '?';
        return known ? emit_taking(lexer, OPERATOR, 1) : scan_text(s, lexer, true);
    }
    bool doubled = second == first && (first == '#' || first == '%' || first == '/');
    return emit_taking(lexer, OPERATOR, doubled ? 1 : 0);
}

// The next token inside a word. Nothing ends the word here.
static bool scan_in_word(State *s, TSLexer *lexer) {
    int32_t c = lexer->lookahead;
    bool name = s->expansion == PLAIN_NAME || s->expansion == BRACED_NAME;
    if (name && (is_name_character(c) || is_special_parameter(c))) return scan_variable(s, lexer);
    if (s->expansion != NO_EXPANSION && is_operator(c)) return scan_operator(s, lexer);
    s->expansion = NO_EXPANSION;
    if (is_quote(s, c)) return scan_quote(s, lexer);
    if (c == '$' && may_expand(s)) return scan_dollar(s, lexer);
    if (c == '}' && innermost(s) == BRACES) {
        s->depth--;
        return emit_taking(lexer, BRACE_CLOSE, 1);
    }
    return scan_text(s, lexer, false);
}

#endif
