// What the scanner remembers between two tokens, and how tree-sitter stores it.
//
// The parser keeps a copy beside every token and hands it back before the next one, also in the middle of an edited
// file. So the state must be small, must be bounded, and must hold everything that the text to the left decides: the
// scanner goes by it alone. What the parser thinks is valid would not do, for where it reuses a node of an old tree it
// no longer expects a continuation of that node.

#ifndef DOCKERFILE_STATE_H_
#define DOCKERFILE_STATE_H_

#include "tree_sitter/parser.h"

#include <stddef.h>
#include <string.h>

// The order is that of `externals` in grammar.js.
enum Token {
    NEWLINE, LINE_CONTINUATION, COMMENT,
    DIRECTIVE_MARK, DIRECTIVE_NAME, DIRECTIVE_VALUE,
    KEYWORD_ADD, KEYWORD_ARG, KEYWORD_CMD, KEYWORD_COPY, KEYWORD_ENTRYPOINT, KEYWORD_ENV, KEYWORD_EXPOSE, KEYWORD_FROM,
    KEYWORD_HEALTHCHECK, KEYWORD_LABEL, KEYWORD_MAINTAINER, KEYWORD_ONBUILD, KEYWORD_RUN, KEYWORD_SHELL,
    KEYWORD_STOPSIGNAL, KEYWORD_USER, KEYWORD_VOLUME, KEYWORD_WORKDIR, KEYWORD_NONE, UNKNOWN_KEYWORD,
    FLAG_DASHES, END_OF_FLAGS, AS, ASSIGN,
    WORD_START, REST_START, PAIR_START, LEGACY_START,
    TEXT, DOLLAR, BRACE_OPEN, BRACE_CLOSE, VARIABLE, OPERATOR,
    DOUBLE_QUOTE, SINGLE_QUOTE, IMPLICIT_CLOSE,
    SHELL_TEXT,
    JSON_MARK, JSON_OPEN, JSON_CLOSE, JSON_COMMA, JSON_STRING, JSON_VALUE,
    HEREDOC_MARK, HEREDOC_WORD, HEREDOC_NEWLINE, HEREDOC_LINES, HEREDOC_END,
};

// Where in its physical line the scanner stands.
enum Place {
    AT_LINE_START,     // a comment, a blank line, or the (next part of the) logical line may follow
    IN_LINE,
    BEHIND_COMMENT,    // its newline is still to be skipped
    AT_HEREDOC_WORD,   // behind a HEREDOC_MARK
    AT_HEREDOC_BODY,
    AT_HEREDOC_END,    // the line ahead is the delimiter
    BEHIND_BROKEN_HEREDOC,
};

// Directives count only in a run without gaps at the very top.
enum Prologue { FIRST_LINE, DIRECTIVES, DIRECTIVES_BEHIND_SHEBANG, PROLOGUE_OVER };

// What the logical line is made of from here on.
enum Arguments {
    INSTRUCTION,     // a keyword: at the start of the line, and behind ONBUILD
    HEALTH_TYPE,     // NONE or CMD
    COMMAND,         // JSON or text
    SHELL_COMMAND,   // the same, with heredocs
    COPIED,          // JSON or words, with heredocs
    WORDS_OR_JSON,
    WORDS,
    IMAGE,           // words, of which the second may be AS
    PAIRS,
    PAIRS_OR_LEGACY, // `name=value …` or `name value`
    REST,            // one value up to the line's end
    ANY_TEXT,
    JSON_BRACKET, JSON_ELEMENTS,
    DIRECTIVE, ESCAPE_DIRECTIVE,
};

enum Stage { FLAG_OR_ARGUMENT, FIRST_ARGUMENT, SECOND_ARGUMENT, LATER_ARGUMENT };

// What ends the present word.
enum WordKind {
    NO_WORD,
    PLAIN_WORD,   // any blank, even in quotes: COPY, FROM …
    QUOTED_WORD,  // a space outside quotes: ENV, LABEL, ARG
    FLAG_WORD,    // the same, but the quotes vanish before anything else is read
    REST_OF_LINE, // WORKDIR, USER, the value of `ENV name value`
};

enum Frame { NO_FRAME, DOUBLE_QUOTES, SINGLE_QUOTES, BRACES };

// What may follow in an expansion: its name, then its operator.
enum Expansion { NO_EXPANSION, PLAIN_NAME, BRACED_NAME, BRACED_OPERATOR };

// Whether `<<word` in this logical line can be a heredoc. Unknown until the first one is met.
enum Heredocs { HEREDOCS_UNKNOWN, HEREDOCS_ALLOWED, HEREDOCS_IMPOSSIBLE };

#define MAX_FRAMES 12         // deeper quotes and braces are read as plain text
#define MAX_SHELL_FRAMES 12   // deeper nesting in a shell command: no heredoc is recognised in that line
#define MAX_HEREDOCS 48       // of one instruction; more are read as shell text
#define MAX_FAILED_SEARCHES 8 // see heredoc.h

// BuildKit's word lexer over a shell command (shell.h).
typedef struct {
    uint8_t step, in_word, failed, depth;
    uint8_t frames[MAX_SHELL_FRAMES];
} Shell;

// The delimiter of a heredoc: its characters, hashed. No padding, as it is stored byte by byte.
typedef struct {
    uint32_t hash;
    uint16_t length, strip_tabs;
} Heredoc;

typedef struct {
    // The whole file.
    uint8_t escape, prologue, failed_searches;
    // This physical line.
    uint8_t place, gap;
    // This logical line.
    uint8_t arguments, stage, heredocs, plain_redirection, body_is_terminated;
    // This word. `quote` is the quote that protects blanks, which is not always the innermost frame.
    uint8_t word_kind, in_name, quote, expansion;
    uint8_t depth, heredoc_count;
    Shell shell;
    uint8_t frames[MAX_FRAMES];
    Heredoc pending[MAX_HEREDOCS];
} State;

#define FIXED_SIZE offsetof(State, shell.frames)

_Static_assert(sizeof(Heredoc) == 8, "a heredoc is stored without padding");
_Static_assert(FIXED_SIZE + MAX_SHELL_FRAMES + MAX_FRAMES + MAX_HEREDOCS * sizeof(Heredoc) <=
                   TREE_SITTER_SERIALIZATION_BUFFER_SIZE,
               "the largest state fits the buffer");

// Forgets all but what counts for the whole file. What lies behind the fixed part is empty then.
static void begin_logical_line(State *s) {
    uint8_t escape = s->escape, prologue = s->prologue, failed_searches = s->failed_searches;
    memset(s, 0, FIXED_SIZE);
    s->escape = escape;
    s->prologue = prologue;
    s->failed_searches = failed_searches;
    s->arguments = INSTRUCTION;
    s->stage = FIRST_ARGUMENT;
}

static void begin_file(State *s) {
    memset(s, 0, FIXED_SIZE);
    s->escape = '\\';
    begin_logical_line(s);
}

// Copies a part of the state to or from the buffer and returns the position behind it.
static unsigned store(char *buffer, unsigned at, const void *part, size_t size) {
    memcpy(buffer + at, part, size);
    return at + (unsigned)size;
}

static unsigned load(const char *buffer, unsigned length, unsigned at, void *part, size_t size) {
    if (at + size > length) return length;
    memcpy(part, buffer + at, size);
    return at + (unsigned)size;
}

static unsigned serialize_state(const State *s, char *buffer) {
    unsigned at = store(buffer, 0, s, FIXED_SIZE);
    at = store(buffer, at, s->shell.frames, s->shell.depth);
    at = store(buffer, at, s->frames, s->depth);
    return store(buffer, at, s->pending, s->heredoc_count * sizeof(Heredoc));
}

static void deserialize_state(State *s, const char *buffer, unsigned length) {
    unsigned at = load(buffer, length, 0, s, FIXED_SIZE);
    bool sound = at == FIXED_SIZE && s->depth <= MAX_FRAMES && s->shell.depth <= MAX_SHELL_FRAMES &&
                 s->heredoc_count <= MAX_HEREDOCS;
    if (!sound) {
        begin_file(s);
        return;
    }
    at = load(buffer, length, at, s->shell.frames, s->shell.depth);
    at = load(buffer, length, at, s->frames, s->depth);
    load(buffer, length, at, s->pending, s->heredoc_count * sizeof(Heredoc));
}

static enum Frame innermost(const State *s) { return s->depth ? s->frames[s->depth - 1] : NO_FRAME; }

static void begin_word(State *s, enum WordKind kind, bool has_name) {
    s->word_kind = (uint8_t)kind;
    s->in_name = has_name;
    s->quote = s->expansion = s->depth = 0;
}

#endif
