// The scanner of the Dockerfile grammar. It makes every token, for a Dockerfile is read by lines, not by characters:
//
//   scanner/state.h     what is remembered between tokens
//   scanner/lines.h     physical and logical lines
//   scanner/keywords.h  the instructions' names
//   scanner/words.h     words, quotes, expansions
//   scanner/shell.h     BuildKit's lexer over shell commands
//   scanner/heredoc.h   heredocs
//   scanner/json.h      the JSON form
//
// This file decides what comes next. Two things about tree-sitter shape the code: a token's end can be marked and then
// be looked beyond, but never be moved back; and what a call changes in the state is kept only if it returns a token.
// So a decision that needs a long look ahead is a token of its own, an empty one in front of what it decides about.

#include "scanner/heredoc.h"
#include "scanner/json.h"
#include "scanner/words.h"
#include "tree_sitter/alloc.h"

// ---- lines ----

static bool end_logical_line(State *s, TSLexer *lexer) {
    begin_logical_line(s);
    return emit_here(lexer, NEWLINE);
}

static bool scan_line_end(State *s, TSLexer *lexer) {
    if (at_file_end(lexer)) return false;
    if (s->heredoc_count > 0) return scan_heredoc_newline(s, lexer);
    take(lexer);
    return end_logical_line(s, lexer);
}

static bool scan_comment(State *s, TSLexer *lexer) {
    bool returns = false; // those at the end do not belong to it
    for (; !at_line_end(lexer); take(lexer)) {
        if (lexer->lookahead == '\r' && !returns) lexer->mark_end(lexer);
        returns = lexer->lookahead == '\r';
    }
    if (!returns) lexer->mark_end(lexer);
    s->place = BEHIND_COMMENT;
    return emit(lexer, COMMENT);
}

static bool skip_spaces(TSLexer *lexer) {
    bool any = is_space(lexer->lookahead);
    while (is_space(lexer->lookahead)) lexer->advance(lexer, true);
    return any;
}

static void take_spaces(TSLexer *lexer) {
    while (is_space(lexer->lookahead)) take(lexer);
}

// Skips blank lines, which also end the run of directives. Returns whether the line that counts is indented.
static bool skip_blank_lines(State *s, TSLexer *lexer) {
    bool indented = skip_spaces(lexer);
    for (bool blank = s->place == AT_LINE_START; lexer->lookahead == '\n'; blank = true) {
        if (blank) s->prologue = PROLOGUE_OVER;
        lexer->advance(lexer, true);
        indented = skip_spaces(lexer);
    }
    return indented;
}

// ---- directives ----

// A carriage return is left: if this is a comment after all, it may be the line's end.
static void take_directive_spaces(TSLexer *lexer) {
    while (is_space(lexer->lookahead) && lexer->lookahead != '\r') take(lexer);
}

// Behind a `#`: reads `name = v` and returns whether it is a directive that has a value.
static bool read_directive(TSLexer *lexer, bool *is_escape) {
    Spelling name = {0};
    take_directive_spaces(lexer);
    for (; is_letter(lexer->lookahead); take(lexer)) spell(&name, lexer->lookahead);
    take_directive_spaces(lexer);
    if (lexer->lookahead != '=') return false;
    take(lexer);
    take_directive_spaces(lexer);
    *is_escape = spells(&name, "ESCAPE", false);
    bool known = *is_escape || spells(&name, "SYNTAX", false) || spells(&name, "CHECK", false);
    return known && lexer->lookahead != '\r' && !at_line_end(lexer);
}

// A `#` at the start of a line: of a directive or of a comment. BuildKit looks for `syntax` and `check` behind a
// `#!` line too, but not for `escape`, which is therefore a comment there.
static bool scan_hash(State *s, TSLexer *lexer, bool indented) {
    take(lexer);
    if (s->prologue == PROLOGUE_OVER) return scan_comment(s, lexer);
    lexer->mark_end(lexer);
    if (s->prologue == FIRST_LINE && lexer->lookahead == '!' && !indented) {
        s->prologue = DIRECTIVES_BEHIND_SHEBANG;
        return scan_comment(s, lexer);
    }
    bool is_escape = false;
    if (!read_directive(lexer, &is_escape)) {
        s->prologue = PROLOGUE_OVER;
        return scan_comment(s, lexer);
    }
    if (is_escape && s->prologue == DIRECTIVES_BEHIND_SHEBANG) return scan_comment(s, lexer);
    if (s->prologue == FIRST_LINE) s->prologue = DIRECTIVES;
    s->arguments = is_escape ? ESCAPE_DIRECTIVE : DIRECTIVE;
    s->place = IN_LINE;
    return emit(lexer, DIRECTIVE_MARK);
}

static bool scan_directive_value(State *s, TSLexer *lexer) {
    int32_t first = lexer->lookahead;
    unsigned length = 0;
    for (unsigned read = 1; !at_line_end(lexer); read++) {
        bool space = is_space(lexer->lookahead);
        take(lexer);
        if (space) continue;
        lexer->mark_end(lexer);
        length = read;
    }
    bool usable = length == 1 && (first == '\\' || first == '`');
    if (usable && s->arguments == ESCAPE_DIRECTIVE) s->escape = (uint8_t)first;
    return emit(lexer, DIRECTIVE_VALUE);
}

static bool scan_directive_part(State *s, TSLexer *lexer) {
    switch (s->stage++) {
        case FIRST_ARGUMENT:
            while (is_letter(lexer->lookahead)) take(lexer);
            return emit_here(lexer, DIRECTIVE_NAME);
        case SECOND_ARGUMENT:
            return emit_taking(lexer, ASSIGN, 1);
        default:
            s->stage = LATER_ARGUMENT;
            return scan_directive_value(s, lexer);
    }
}

// ---- keywords ----

// Reads a word to its end, over continuations. The token ends behind it.
static void read_keyword(TSLexer *lexer, int32_t escape, Spelling *word) {
    for (;;) {
        int32_t c = lexer->lookahead;
        bool ends = is_blank(c) || at_line_end(lexer);
        if (ends || c == escape) lexer->mark_end(lexer);
        if (ends) return;
        if (c != escape) {
            spell(word, c);
            take(lexer);
            continue;
        }
        Escapes found = read_escapes(lexer, escape, NO_MARK);
        if (!found.continues) spell(word, c);
        if (found.blank && !found.continues) return;
        if (found.continues && (cross_continuation(lexer) || at_file_end(lexer))) return;
    }
}

// The first word of an instruction, or the type of a HEALTHCHECK. With `any`, characters that are in no keyword have
// been read already.
static bool scan_keyword(State *s, TSLexer *lexer, bool any) {
    Spelling word = {0};
    if (any) spell(&word, '?');
    read_keyword(lexer, s->escape, &word);
    enum Token keyword = find_keyword(&word, false);
    bool is_type = s->arguments == HEALTH_TYPE;
    bool known = is_type ? keyword == KEYWORD_CMD || keyword == KEYWORD_NONE : keyword != KEYWORD_NONE;
    if (!known) keyword = UNKNOWN_KEYWORD;
    begin_logical_line(s);
    s->prologue = PROLOGUE_OVER;
    s->place = IN_LINE;
    s->arguments = (uint8_t)arguments_of(keyword);
    s->stage = is_type ? FIRST_ARGUMENT : FLAG_OR_ARGUMENT;
    return emit(lexer, keyword);
}

// ---- words ----

// Two dashes where flags may stand. A single one is left to the caller, read.
static bool scan_dashes(State *s, TSLexer *lexer) {
    take(lexer);
    if (lexer->lookahead != '-') return false;
    take(lexer);
    lexer->mark_end(lexer);
    Reader reader = {.lexer = lexer, .escape = s->escape};
    if (is_space(peek(&reader)) || peek(&reader) == LINE_END) {
        s->stage = FIRST_ARGUMENT;
        return emit(lexer, END_OF_FLAGS);
    }
    begin_word(s, FLAG_WORD, true);
    return emit(lexer, FLAG_DASHES);
}

static bool scan_as(TSLexer *lexer, int32_t escape) {
    Spelling word = {0};
    for (; is_letter(lexer->lookahead); take(lexer)) spell(&word, lexer->lookahead);
    if (!spells(&word, "AS", false)) return false;
    if (lexer->lookahead != escape && !is_blank(lexer->lookahead) && !at_line_end(lexer)) return false;
    lexer->mark_end(lexer);
    Reader reader = {.lexer = lexer, .escape = escape};
    return (is_blank(peek(&reader)) || peek(&reader) == LINE_END) && emit(lexer, AS);
}

// Looks ahead: does the first word of ENV or LABEL have an equals sign, anywhere in it?
static bool word_has_equals_sign(Reader reader) {
    int32_t quote = 0;
    for (int32_t c = peek(&reader); c != LINE_END && (quote || !is_space(c)); c = peek(&reader)) {
        if (c == '=') return true;
        if (c == quote) quote = 0;
        else if (!quote && (c == '"' || c == '\'')) quote = c;
        next(&reader);
        if (c == reader.escape && quote != '\'' && peek(&reader) != '=') next(&reader);
    }
    return false;
}

static bool start_pair(State *s, TSLexer *lexer) {
    begin_word(s, QUOTED_WORD, true);
    return emit(lexer, PAIR_START);
}

static bool start_rest(State *s, TSLexer *lexer) {
    begin_word(s, REST_OF_LINE, false);
    return emit(lexer, REST_START);
}

// Behind the name of `ENV name value` everything is the value.
static bool start_legacy_name(State *s, TSLexer *lexer) {
    begin_word(s, PLAIN_WORD, false);
    s->arguments = REST;
    return emit(lexer, LEGACY_START);
}

static bool start_plain_word(State *s, TSLexer *lexer) {
    begin_word(s, PLAIN_WORD, false);
    return emit(lexer, WORD_START);
}

// An empty token in front of a word, or AS. The token's end has been marked; the escapes that were read since begin the
// word.
static bool scan_word_start(State *s, TSLexer *lexer, Escapes first) {
    Reader reader = {.lexer = lexer, .escape = s->escape, .escapes = first.run, .blank = first.blank};
    enum Stage stage = s->stage;
    s->stage = stage < SECOND_ARGUMENT ? SECOND_ARGUMENT : LATER_ARGUMENT;
    switch (s->arguments) {
        case REST:
            return start_rest(s, lexer);
        case PAIRS:
            return start_pair(s, lexer);
        case PAIRS_OR_LEGACY:
            s->arguments = PAIRS;
            return word_has_equals_sign(reader) ? start_pair(s, lexer) : start_legacy_name(s, lexer);
        case IMAGE:
            return (stage == SECOND_ARGUMENT && scan_as(lexer, s->escape)) || start_plain_word(s, lexer);
        default:
            return start_plain_word(s, lexer);
    }
}

// `COPY <<EOF`: an empty token in front of a heredoc or of a word.
static bool scan_copied(State *s, TSLexer *lexer) {
    s->shell = (Shell){0};
    Shell shell = s->shell;
    bool found = read_redirection(lexer, &shell) && heredoc_follows(s, lexer, shell);
    if (!found) return scan_word_start(s, lexer, (Escapes){0});
    s->stage = LATER_ARGUMENT;
    s->place = AT_HEREDOC_WORD;
    return emit(lexer, HEREDOC_MARK);
}

// ---- commands ----

// At digits or `<` where a word of a shell command begins: an empty HEREDOC_MARK if that is a heredoc. The text before
// it is a token of its own; `any` tells that there is some. What turns out to be no heredoc is left to the next token,
// which learns so from the state. Returns false with `*plain` set if the characters are text, which is read then.
static bool scan_redirection(State *s, TSLexer *lexer, bool any, bool *plain) {
    lexer->mark_end(lexer);
    Shell before = s->shell;
    *plain = !read_redirection(lexer, &s->shell) || s->plain_redirection;
    s->plain_redirection = false;
    if (*plain) return false;
    bool found = heredoc_follows(s, lexer, s->shell);
    s->shell = before;
    s->plain_redirection = !found;
    if (!found || any) return emit(lexer, SHELL_TEXT);
    s->place = AT_HEREDOC_WORD;
    return emit(lexer, HEREDOC_MARK);
}

// The text of a command up to the end of the physical line, or to a heredoc.
static bool scan_shell_text(State *s, TSLexer *lexer, bool any) {
    bool heredocs = s->arguments == SHELL_COMMAND && s->heredocs != HEREDOCS_IMPOSSIBLE;
    bool blanks = false; // only blanks were read since the token's end was marked
    for (;;) {
        int32_t c = lexer->lookahead;
        bool line_ends = at_line_end(lexer);
        if (!blanks && (line_ends || is_space(c) || c == s->escape)) lexer->mark_end(lexer);
        if (line_ends) break;
        if (heredocs && (c == '<' || is_digit(c)) && shell_may_redirect(&s->shell)) {
            bool plain;
            if (scan_redirection(s, lexer, any, &plain)) return true;
        } else if (c == s->escape) {
            Escapes found = read_escapes(lexer, s->escape, NO_MARK);
            if (found.continues) break;
            if (heredocs) shell_feed_escapes(&s->shell, c, found);
        } else {
            take(lexer);
            if (heredocs) shell_feed(&s->shell, c);
        }
        blanks = is_space(c);
        any = true;
    }
    return any && emit(lexer, SHELL_TEXT);
}

// ---- what comes next ----

static bool scan_implicit_close(State *s, TSLexer *lexer, bool gap) {
    s->depth--;
    s->gap = gap;
    s->expansion = NO_EXPANSION;
    return emit(lexer, IMPLICIT_CLOSE);
}

// In quotes or braces, before anything is skipped: the end of the word closes them, blanks are text unless nothing
// follows them in the line. Returns false with `*done` unset if neither is here.
static bool scan_frame_end(State *s, TSLexer *lexer, bool *done) {
    int32_t c = lexer->lookahead;
    bool over = at_line_end(lexer) || ends_word(s, c) || (c == '=' && s->in_name);
    *done = over || is_space(c);
    if (!*done) return false;
    lexer->mark_end(lexer);
    if (over) return scan_implicit_close(s, lexer, false);
    take_spaces(lexer);
    if (at_line_end(lexer)) return scan_implicit_close(s, lexer, false);
    s->expansion = NO_EXPANSION;
    return lexer->lookahead == s->escape ? emit_here(lexer, TEXT) : scan_text(s, lexer, true);
}

static bool is_command(const State *s) {
    return s->arguments == COMMAND || s->arguments == SHELL_COMMAND || s->arguments == ANY_TEXT;
}

static bool takes_json(const State *s) {
    bool kind = s->arguments >= COMMAND && s->arguments <= WORDS_OR_JSON;
    return kind && s->stage <= FIRST_ARGUMENT;
}

static bool takes_keyword(const State *s) { return s->arguments == INSTRUCTION || s->arguments == HEALTH_TYPE; }

// Text that begins with escape characters, which are read. A blank behind them may end the word.
static bool scan_escaped_text(State *s, TSLexer *lexer, Escapes found) {
    s->expansion = NO_EXPANSION;
    if (found.blank) return emit(lexer, TEXT);
    bool escapes = found.run % 2 == 1 && innermost(s) != SINGLE_QUOTES && !at_line_end(lexer);
    if (escapes && !(s->in_name && lexer->lookahead == '=')) take(lexer);
    return scan_text(s, lexer, true);
}

// At an escape character: a continuation, or the start of what it escapes something in.
static bool scan_escape(State *s, TSLexer *lexer, bool gap) {
    bool in_word = s->word_kind != NO_WORD;
    bool protects_blank = (s->word_kind == QUOTED_WORD || s->word_kind == FLAG_WORD) && innermost(s) != SINGLE_QUOTES;
    enum EscapeMark mark = in_word || is_command(s) ? MARK_RUN : NO_MARK;
    lexer->mark_end(lexer);
    Escapes found = read_escapes(lexer, s->escape, protects_blank ? MARK_ESCAPED_BLANK : mark);
    if (found.continues) {
        s->prologue = PROLOGUE_OVER;
        s->place = AT_LINE_START;
        s->gap = gap;
        return emit_taking(lexer, LINE_CONTINUATION, at_file_end(lexer) ? 0 : 1);
    }
    if (in_word) return scan_escaped_text(s, lexer, found);
    if (is_command(s)) {
        s->stage = LATER_ARGUMENT;
        shell_feed_escapes(&s->shell, s->escape, found);
        return scan_shell_text(s, lexer, true);
    }
    return takes_keyword(s) ? scan_keyword(s, lexer, true) : scan_word_start(s, lexer, found);
}

// Where no word has begun: a flag, a keyword, a command, JSON or a word.
static bool scan_argument(State *s, TSLexer *lexer, bool gap) {
    int32_t c = lexer->lookahead;
    lexer->mark_end(lexer);
    bool dash = c == '-' && s->stage == FLAG_OR_ARGUMENT;
    if (dash && scan_dashes(s, lexer)) return true;
    if (c == '[' && takes_json(s)) {
        s->stage = LATER_ARGUMENT;
        if (json_array_follows(lexer, s->escape)) {
            s->arguments = JSON_BRACKET;
            return emit(lexer, JSON_MARK);
        }
        // The look ahead can't be undone; the next token will begin here again.
        if (is_command(s)) return emit(lexer, SHELL_TEXT);
    }
    if (is_command(s)) {
        s->stage = LATER_ARGUMENT;
        if (gap) shell_feed(&s->shell, ' ');
        if (dash) shell_feed(&s->shell, '-');
        return scan_shell_text(s, lexer, dash);
    }
    if (takes_keyword(s)) return scan_keyword(s, lexer, dash);
    if (s->arguments == COPIED && (c == '<' || is_digit(c))) return scan_copied(s, lexer);
    return scan_word_start(s, lexer, (Escapes){0});
}

// Inside a logical line. `gap`: white space was skipped before the present character.
static bool scan_in_line(State *s, TSLexer *lexer, bool gap) {
    bool word_over = gap && space_ends_word(s);
    bool name_over = s->in_name && lexer->lookahead == '=' && !word_over;
    if (s->depth > 0 && (word_over || name_over || at_line_end(lexer))) {
        lexer->mark_end(lexer);
        return scan_implicit_close(s, lexer, gap);
    }
    if (at_line_end(lexer)) return scan_line_end(s, lexer);
    if (word_over) {
        s->word_kind = NO_WORD;
        s->in_name = false;
    }
    if (s->arguments >= DIRECTIVE) return scan_directive_part(s, lexer);
    if (lexer->lookahead == s->escape) return scan_escape(s, lexer, gap);
    if (s->arguments >= JSON_BRACKET) return scan_json(s, lexer);
    if (name_over) {
        s->in_name = false;
        return emit_taking(lexer, ASSIGN, 1);
    }
    return s->word_kind == NO_WORD ? scan_argument(s, lexer, gap) : scan_in_word(s, lexer);
}

static bool scan(State *s, TSLexer *lexer) {
    switch (s->place) {
        case AT_HEREDOC_BODY: return scan_heredoc_lines(s, lexer);
        case AT_HEREDOC_END: return scan_heredoc_end(s, lexer);
        case BEHIND_BROKEN_HEREDOC: return end_logical_line(s, lexer);
        case AT_HEREDOC_WORD: return scan_heredoc_word(s, lexer);
        default: break;
    }
    bool gap = s->gap;
    if (s->place == IN_LINE) {
        bool done = false;
        bool found = s->depth > 0 && scan_frame_end(s, lexer, &done);
        if (done) return found;
        if (skip_spaces(lexer)) gap = true;
    } else {
        bool indented = skip_blank_lines(s, lexer);
        if (lexer->lookahead == '#') return scan_hash(s, lexer, indented);
        if (indented) gap = true;
    }
    s->place = IN_LINE;
    s->gap = false;
    return scan_in_line(s, lexer, gap);
}

// ---- tree-sitter's entry points ----

void *tree_sitter_dockerfile_external_scanner_create(void) {
    State *state = ts_malloc(sizeof(State));
    if (state) begin_file(state);
    return state;
}

void tree_sitter_dockerfile_external_scanner_destroy(void *payload) { ts_free(payload); }

unsigned tree_sitter_dockerfile_external_scanner_serialize(void *payload, char *buffer) {
    return serialize_state(payload, buffer);
}

void tree_sitter_dockerfile_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
    deserialize_state(payload, buffer, length);
}

bool tree_sitter_dockerfile_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
    (void)valid; // see scanner/state.h
    return scan(payload, lexer);
}
