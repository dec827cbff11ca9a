// The instructions' names.

#ifndef DOCKERFILE_KEYWORDS_H_
#define DOCKERFILE_KEYWORDS_H_

#include "lines.h"

#define LONGEST_KEYWORD 11

// In the order of `enum Token`. NONE is a word of HEALTHCHECK, not an instruction.
static const struct {
    const char *name;
    enum Arguments arguments;
} KEYWORDS[] = {
    {"ADD", COPIED},           {"ARG", PAIRS},         {"CMD", COMMAND},
    {"COPY", COPIED},          {"ENTRYPOINT", COMMAND}, {"ENV", PAIRS_OR_LEGACY},
    {"EXPOSE", WORDS},         {"FROM", IMAGE},        {"HEALTHCHECK", HEALTH_TYPE},
    {"LABEL", PAIRS_OR_LEGACY}, {"MAINTAINER", ANY_TEXT}, {"ONBUILD", INSTRUCTION},
    {"RUN", SHELL_COMMAND},    {"SHELL", COMMAND},     {"STOPSIGNAL", REST},
    {"USER", REST},            {"VOLUME", WORDS_OR_JSON}, {"WORKDIR", REST},
    {"NONE", ANY_TEXT},
};

// The start of a word, as much of it as a keyword can have.
typedef struct {
    char letters[LONGEST_KEYWORD];
    unsigned length; // of the whole word
} Spelling;

static void spell(Spelling *word, int32_t c) {
    if (word->length < LONGEST_KEYWORD) word->letters[word->length] = is_letter(c) ? (char)c : '?';
    word->length++;
}

static char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c; }

static bool spells(const Spelling *word, const char *keyword, bool capitals_only) {
    if (word->length != strlen(keyword)) return false;
    for (unsigned i = 0; i < word->length; i++) {
        if ((capitals_only ? word->letters[i] : upper(word->letters[i])) != keyword[i]) return false;
    }
    return true;
}

// The token of the keyword, or UNKNOWN_KEYWORD.
static enum Token find_keyword(const Spelling *word, bool capitals_only) {
    for (unsigned i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++) {
        if (spells(word, KEYWORDS[i].name, capitals_only)) return (enum Token)(KEYWORD_ADD + i);
    }
    return UNKNOWN_KEYWORD;
}

static enum Arguments arguments_of(enum Token keyword) {
    return keyword == UNKNOWN_KEYWORD ? ANY_TEXT : KEYWORDS[keyword - KEYWORD_ADD].arguments;
}

#endif
