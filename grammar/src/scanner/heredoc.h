// Heredocs: the word behind `<<`, and the bodies below the instruction.
//
// A body whose delimiter never comes would swallow the rest of the file, and it is what everyone has on the screen
// while typing one. So it ends where an instruction keyword (in capitals, in column 1) follows a blank line and perhaps
// comments. Whether the delimiter comes later can only be said by reading on to the end of the file; that search
// is given up for good after a few failures, lest a file of nothing but open heredocs be read a thousand times.

#ifndef DOCKERFILE_HEREDOC_H_
#define DOCKERFILE_HEREDOC_H_

#include "keywords.h"
#include "shell.h"

#define HASH_SEED 2166136261u // FNV-1a, over characters

static void extend(Heredoc *heredoc, int32_t c) {
    heredoc->hash = (heredoc->hash ^ (uint32_t)c) * 16777619u;
    if (heredoc->length < UINT16_MAX) heredoc->length++;
}

// Feeds one character of a heredoc's word to the lexer and, unless it is a quote or an escape, to the delimiter.
static void extend_unquoted(Heredoc *heredoc, Shell *shell, int32_t c) {
    bool escaped = shell->step == ESCAPED;
    bool in_double = shell->depth && shell->frames[shell->depth - 1] == SHELL_DOUBLE;
    uint8_t depth = shell->depth;
    shell_feed(shell, c);
    bool quote = (c == '"' || c == '\'') && shell->depth != depth;
    if (escaped && in_double && c != '"' && c != '$' && c != '\\') extend(heredoc, '\\');
    if (!quote && shell->step != ESCAPED) extend(heredoc, c);
}

// Reads `<<`, behind digits or not. Returns false if the text is something else; digits and one `<` may be read then.
static bool read_redirection(TSLexer *lexer, Shell *shell) {
    unsigned less = 0;
    while (is_digit(lexer->lookahead)) {
        shell_feed(shell, lexer->lookahead);
        take(lexer);
    }
    for (; less < 2 && lexer->lookahead == '<'; less++) {
        shell_feed(shell, '<');
        take(lexer);
    }
    return less == 2;
}

// Whether the word stands in a `${name:-…}`. BuildKit loses what precedes that, so that no heredoc is left.
static bool in_substitution(const Shell *shell) {
    return shell->depth > 0 && shell->frames[shell->depth - 1] >= SHELL_BRACES;
}

// Reads what follows `<<`: an optional `-`, blanks, the delimiter. Returns false if that makes no heredoc.
// With `mark`, the token ends behind the word.
static bool read_delimiter(TSLexer *lexer, Shell *shell, int32_t escape, Heredoc *heredoc, bool mark) {
    Reader reader = {.lexer = lexer, .escape = escape};
    *heredoc = (Heredoc){.hash = HASH_SEED, .strip_tabs = peek(&reader) == '-'};
    bool blanks = true;
    for (bool first = true;; first = false) {
        if (mark && is_settled(&reader)) lexer->mark_end(lexer);
        int32_t c = peek(&reader);
        blanks = blanks && !heredoc->strip_tabs && (c == ' ' || c == '\t' || c == '\r');
        bool outside = shell->depth == 0 && shell->step != ESCAPED && is_space(c);
        if (c == LINE_END || (outside && !blanks)) break;
        if (c == '<') return false;
        next(&reader);
        if (blanks || (first && heredoc->strip_tabs)) shell_feed(shell, c);
        else extend_unquoted(heredoc, shell, c);
        if (in_substitution(shell)) return false;
    }
    return heredoc->length > 0 && heredoc->length < UINT16_MAX && shell_is_balanced(shell);
}

// Looks ahead: is this a heredoc? BuildKit must get through the whole line for it to be one.
static bool heredoc_follows(State *s, TSLexer *lexer, Shell shell) {
    Heredoc heredoc;
    if (s->heredocs == HEREDOCS_IMPOSSIBLE || s->heredoc_count == MAX_HEREDOCS) return false;
    if (!read_delimiter(lexer, &shell, s->escape, &heredoc, false)) return false;
    if (s->heredocs == HEREDOCS_UNKNOWN) {
        bool balanced = shell_line_is_balanced(lexer, shell, s->escape);
        s->heredocs = balanced ? HEREDOCS_ALLOWED : HEREDOCS_IMPOSSIBLE;
    }
    return s->heredocs == HEREDOCS_ALLOWED;
}

// The word that the lookahead has found to be a heredoc.
static bool scan_heredoc_word(State *s, TSLexer *lexer) {
    read_redirection(lexer, &s->shell);
    read_delimiter(lexer, &s->shell, s->escape, &s->pending[s->heredoc_count], true);
    s->heredoc_count++;
    s->place = IN_LINE;
    return emit(lexer, HEREDOC_WORD);
}

// One line of a body, without its line end.
typedef struct {
    Heredoc text; // without the tabs that <<- strips
    bool blank, comment, keyword;
} BodyLine;

static BodyLine read_body_line(TSLexer *lexer, bool strip_tabs) {
    BodyLine line = {.text = {.hash = HASH_SEED}, .blank = true, .comment = lexer->lookahead == '#'};
    Spelling word = {0};
    bool in_word = true;
    unsigned returns = 0; // those at the end of the line do not count
    for (; !at_line_end(lexer); take(lexer)) {
        int32_t c = lexer->lookahead;
        in_word = in_word && !is_blank(c);
        if (in_word) spell(&word, c);
        line.blank = line.blank && is_space(c);
        strip_tabs = strip_tabs && c == '\t';
        if (strip_tabs) continue;
        if (c == '\r') {
            returns++;
            continue;
        }
        for (; returns > 0; returns--) extend(&line.text, '\r');
        extend(&line.text, c);
    }
    enum Token keyword = find_keyword(&word, true);
    line.keyword = keyword != UNKNOWN_KEYWORD && keyword != KEYWORD_NONE;
    return line;
}

static bool is_delimiter(const BodyLine *line, const Heredoc *heredoc) {
    return line->text.hash == heredoc->hash && line->text.length == heredoc->length;
}

static bool delimiter_follows(TSLexer *lexer, const Heredoc *heredoc) {
    while (!at_file_end(lexer)) {
        BodyLine line = read_body_line(lexer, heredoc->strip_tabs);
        if (is_delimiter(&line, heredoc)) return true;
        if (lexer->lookahead == '\n') take(lexer);
    }
    return false;
}

// The newline above a body. Whether the body is empty is found out here, where tabs before the delimiter do no harm.
static bool scan_heredoc_newline(State *s, TSLexer *lexer) {
    take(lexer);
    lexer->mark_end(lexer);
    BodyLine line = read_body_line(lexer, s->pending[0].strip_tabs);
    s->place = is_delimiter(&line, &s->pending[0]) ? AT_HEREDOC_END : AT_HEREDOC_BODY;
    s->body_is_terminated = false;
    s->gap = false;
    return emit(lexer, HEREDOC_NEWLINE);
}

// The body, or the part of it before something that looks like the next instruction.
static bool scan_heredoc_lines(State *s, TSLexer *lexer) {
    bool blank_above = false, any = false;
    for (;; any = true) {
        lexer->mark_end(lexer);
        if (at_file_end(lexer)) {
            s->heredoc_count = 0;
            s->place = IN_LINE;
            return any && emit(lexer, HEREDOC_LINES);
        }
        BodyLine line = read_body_line(lexer, s->pending[0].strip_tabs);
        if (any && is_delimiter(&line, &s->pending[0])) {
            s->place = AT_HEREDOC_END;
            return emit(lexer, HEREDOC_LINES);
        }
        if (blank_above && line.keyword && !s->body_is_terminated) break;
        blank_above = line.blank || (blank_above && line.comment);
        if (lexer->lookahead == '\n') take(lexer);
    }
    s->body_is_terminated = s->failed_searches < MAX_FAILED_SEARCHES && delimiter_follows(lexer, &s->pending[0]);
    if (!s->body_is_terminated) {
        if (s->failed_searches < MAX_FAILED_SEARCHES) s->failed_searches++;
        s->heredoc_count = 0;
        s->place = BEHIND_BROKEN_HEREDOC;
    }
    return emit(lexer, HEREDOC_LINES);
}

// The delimiter's line: its length is known, and what else stands there is not part of the token.
static bool scan_heredoc_end(State *s, TSLexer *lexer) {
    if (s->pending[0].strip_tabs) {
        while (lexer->lookahead == '\t') lexer->advance(lexer, true);
    }
    unsigned length = s->pending[0].length;
    s->heredoc_count--;
    memmove(s->pending, s->pending + 1, s->heredoc_count * sizeof(Heredoc));
    s->place = IN_LINE;
    return emit_taking(lexer, HEREDOC_END, length);
}

#endif
