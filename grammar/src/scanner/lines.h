// Characters, line ends and continuations: how physical lines become logical ones.

#ifndef DOCKERFILE_LINES_H_
#define DOCKERFILE_LINES_H_

#include "state.h"

// Separates a keyword from its arguments and plain words from each other.
static bool is_blank(int32_t c) { return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n'); }

// Go's unicode.IsSpace, without the newline.
static bool is_space(int32_t c) {
    if (c < 0x85) return is_blank(c);
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }
static bool is_letter(int32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_name_character(int32_t c) { return is_letter(c) || is_digit(c) || c == '_'; }

// strchr is not among the functions that a grammar may use as WebAssembly.
static bool is_one_of(int32_t c, const char *set) {
    while (*set && c != *set) set++;
    return *set;
}

// $@, $* …; digits are names.
static bool is_special_parameter(int32_t c) { return is_one_of(c, "@*#?-$!"); }

static void take(TSLexer *lexer) { lexer->advance(lexer, false); }

// A NUL in the text looks like the end of the file, hence the second question.
static bool at_file_end(TSLexer *lexer) { return lexer->lookahead == 0 && lexer->eof(lexer); }
static bool at_line_end(TSLexer *lexer) { return lexer->lookahead == '\n' || at_file_end(lexer); }

static bool emit(TSLexer *lexer, enum Token token) {
    lexer->result_symbol = token;
    return true;
}

static bool emit_here(TSLexer *lexer, enum Token token) {
    lexer->mark_end(lexer);
    return emit(lexer, token);
}

// Reads the characters that make the token, which ends behind them.
static bool emit_taking(TSLexer *lexer, enum Token token, unsigned count) {
    while (count-- > 0) take(lexer);
    return emit_here(lexer, token);
}

static void skip_rest_of_line(TSLexer *lexer) {
    while (!at_line_end(lexer)) take(lexer);
}

// A run of escape characters, and what follows it.
typedef struct {
    unsigned run;
    bool continues; // the logical line goes on; the lexer stands at the line end
    bool blank;     // a blank follows; the lexer may stand behind it
} Escapes;

enum EscapeMark { NO_MARK, MARK_RUN, MARK_ESCAPED_BLANK };

// Reads a run of escape characters. Two or more at the end of a line do not continue it, whatever their number: so does
// BuildKit. Only spaces and tabs may stand behind the one that does (a carriage return is part of the line's end).
static Escapes read_escapes(TSLexer *lexer, int32_t escape, enum EscapeMark mark) {
    Escapes found = {0};
    for (; lexer->lookahead == escape; found.run++) take(lexer);
    if (mark != NO_MARK) lexer->mark_end(lexer);
    if (found.run != 1 || !(is_blank(lexer->lookahead) || at_line_end(lexer))) return found;
    found.blank = !at_line_end(lexer);
    while (lexer->lookahead == ' ' || lexer->lookahead == '\t') {
        take(lexer);
        if (mark == MARK_ESCAPED_BLANK) lexer->mark_end(lexer);
        mark = NO_MARK;
    }
    while (lexer->lookahead == '\r') take(lexer);
    found.continues = at_line_end(lexer);
    return found;
}

// Looks ahead from the end of a continued line to the next one that counts: blank lines and comments do not.
// Returns whether white space comes first there. The lexer stands at the first other character.
static bool cross_continuation(TSLexer *lexer) {
    bool space = false;
    for (;; take(lexer)) {
        if (lexer->lookahead == '#') skip_rest_of_line(lexer);
        if (lexer->lookahead != '\n' && !is_space(lexer->lookahead)) return space;
        space = lexer->lookahead != '\n';
    }
}

// Looks ahead over the characters of a logical line, as if it were one line.
typedef struct {
    TSLexer *lexer;
    int32_t escape;
    unsigned escapes; // characters that had to be read to see whether a continuation ends here, to be given back
    bool blank;
} Reader;

#define LINE_END INT32_MIN

static int32_t peek(Reader *reader) {
    while (reader->escapes == 0 && !reader->blank && reader->lexer->lookahead == reader->escape) {
        Escapes found = read_escapes(reader->lexer, reader->escape, NO_MARK);
        if (!found.continues) reader->escapes = found.run;
        reader->blank = found.continues ? cross_continuation(reader->lexer) : found.blank;
    }
    if (reader->escapes > 0) return reader->escape;
    if (reader->blank) return ' ';
    return at_line_end(reader->lexer) ? LINE_END : reader->lexer->lookahead;
}

static void next(Reader *reader) {
    if (reader->escapes > 0) reader->escapes--;
    else if (reader->blank) reader->blank = false;
    else if (!at_line_end(reader->lexer)) take(reader->lexer);
}

// Whether nothing has been read ahead, so that the lexer stands where the reader does. Ask before `peek`.
static bool is_settled(const Reader *reader) { return reader->escapes == 0 && !reader->blank; }

#endif
