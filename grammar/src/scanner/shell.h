// BuildKit's word lexer, as far as it decides which `<<word` of a shell command is a heredoc.
//
// BuildKit splits the logical line into words with its own lexer (frontend/dockerfile/shell), not with a shell's, and
// always with the backslash as the escape character. If that lexer fails anywhere in the line (a quote or brace left
// open, a bad substitution), the line has no heredoc at all. The lexer is fed character by character, so that it can
// stop at the end of a token and go on in the next.

#ifndef DOCKERFILE_SHELL_H_
#define DOCKERFILE_SHELL_H_

#include "lines.h"

// What encloses the present character, innermost last. None is the top level, where spaces part words.
enum ShellFrame {
    SHELL_SINGLE,
    SHELL_DOUBLE,
    SHELL_BRACES,  // ${name:-here}
    SHELL_PATTERN, // ${name/here/replacement}
};

// What the previous characters began.
enum ShellStep {
    NOTHING,
    ESCAPED,         // \ .
    DOLLAR_SEEN,     // $ .
    SUBSTITUTION,    // ${ .
    SUBSTITUTED,     // ${name .
    SPECIAL,         // ${@ .
    COLON_SEEN,      // ${name: .
    SLASH_SEEN,      // ${name/ .
    LESS_SEEN,       // < .
    HEREDOC_SEEN,    // << . Blanks belong to the word
};

static void shell_push(Shell *shell, enum ShellFrame frame) {
    if (shell->depth == MAX_SHELL_FRAMES) shell->failed = true;
    else shell->frames[shell->depth++] = (uint8_t)frame;
}

// A quote means nothing inside double quotes.
static void shell_open_quote(Shell *shell, enum ShellFrame quote, enum ShellFrame outer) {
    if (outer != SHELL_DOUBLE) shell_push(shell, quote);
}

// The character behind `${name`.
static void shell_operator(Shell *shell, int32_t c) {
    shell->step = NOTHING;
    if (c == '}') return;
    if (c == ':') shell->step = COLON_SEEN;
    else if (c == '/') shell->step = SLASH_SEEN;
    else if (c == '+' || c == '-' || c == '?' || c == '#' || c == '%') shell_push(shell, SHELL_BRACES);
    else shell->failed = true;
}

// Goes on with what the previous character began; returns whether the character is used up by that.
static bool shell_continue(Shell *shell, int32_t c) {
    enum ShellStep step = shell->step;
    shell->step = NOTHING;
    switch (step) {
        case NOTHING:
            return false;
        case ESCAPED:
            return true;
        case DOLLAR_SEEN:
            if (c == '{') shell->step = SUBSTITUTION;
            return c == '{' || c == '$';
        case SUBSTITUTION:
            if (c == '{' || c == '}' || c == ':') shell->failed = true;
            else if (is_special_parameter(c)) shell->step = SPECIAL;
            else if (is_name_character(c)) shell->step = SUBSTITUTED;
            else shell_operator(shell, c);
            return true;
        case SUBSTITUTED:
            if (is_name_character(c)) shell->step = SUBSTITUTED;
            else shell_operator(shell, c);
            return true;
        case SPECIAL:
            shell_operator(shell, c);
            return true;
        case COLON_SEEN:
            if (c == '#' || c == '%') shell->failed = true;
            else shell_push(shell, SHELL_BRACES);
            return true;
        case SLASH_SEEN:
            shell_push(shell, SHELL_PATTERN);
            return c == '/';
        case LESS_SEEN:
            if (c == '<') shell->step = HEREDOC_SEEN;
            return c == '<';
        case HEREDOC_SEEN:
            if (c != ' ' && c != '\t' && c != '\r') return false;
            shell->step = HEREDOC_SEEN;
            return true;
    }
    return false;
}

// Ends the innermost frame if the character does; returns whether it did.
static bool shell_close(Shell *shell, int32_t c) {
    static const char CLOSERS[] = {'\'', '"', '}', '/'};
    if (shell->depth == 0 || c != CLOSERS[shell->frames[shell->depth - 1]]) return false;
    if (c == '/') shell->frames[shell->depth - 1] = SHELL_BRACES;
    else shell->depth--;
    return true;
}

static void shell_feed(Shell *shell, int32_t c) {
    if (shell_continue(shell, c) || shell_close(shell, c)) return;
    bool outside = shell->depth == 0;
    if (outside) shell->in_word = !is_space(c);
    enum ShellFrame frame = outside ? SHELL_BRACES : shell->frames[shell->depth - 1];
    if (frame == SHELL_SINGLE) return;
    if (c == '\\') shell->step = ESCAPED;
    else if (c == '$') shell->step = DOLLAR_SEEN;
    else if (c == '"') shell_open_quote(shell, SHELL_DOUBLE, frame);
    else if (c == '\'') shell_open_quote(shell, SHELL_SINGLE, frame);
    else if (c == '<' && outside) shell->step = LESS_SEEN;
}

static void shell_feed_escapes(Shell *shell, int32_t escape, Escapes found) {
    for (unsigned i = 0; i < found.run; i++) shell_feed(shell, escape);
    if (found.blank) shell_feed(shell, ' ');
}

// Whether a word, and so a redirection, may begin here.
static bool shell_may_redirect(const Shell *shell) {
    return shell->depth == 0 && !shell->in_word && shell->step == NOTHING;
}

// Whether the line may end here.
static bool shell_is_balanced(const Shell *shell) {
    bool open = shell->depth > 0 || (shell->step >= SUBSTITUTION && shell->step <= SLASH_SEEN);
    return !shell->failed && !open;
}

// Looks ahead over the rest of the logical line: does BuildKit's lexer get through it?
static bool shell_line_is_balanced(TSLexer *lexer, Shell shell, int32_t escape) {
    Reader reader = {.lexer = lexer, .escape = escape};
    for (int32_t c = peek(&reader); c != LINE_END && !shell.failed; c = peek(&reader)) {
        shell_feed(&shell, c);
        next(&reader);
    }
    return shell_is_balanced(&shell);
}

#endif
