/**
 * A Dockerfile as BuildKit reads it.
 *
 * BuildKit reads in two steps: physical lines are joined into logical lines (escape character, comments, blank lines),
 * then each logical line is split by the rules of its instruction. No context-free lexer can do that, so every token
 * comes from the external scanner (src/scanner.c), and this file only says how tokens group. Arguments are optional
 * everywhere: what is missing or too much is for the tool to report, in better words than an ERROR node.
 */

const INSTRUCTIONS = [
  'add', 'arg', 'cmd', 'copy', 'entrypoint', 'env', 'expose', 'from', 'healthcheck', 'label', 'maintainer', 'onbuild',
  'run', 'shell', 'stopsignal', 'user', 'volume', 'workdir',
];

/** The keyword of an instruction: a visible `"FROM"`, however the file spells it. */
const keyword = ($, name) => alias($[`_${name}`], name.toUpperCase());

/** An instruction: keyword, flags (BuildKit collects them for every instruction), arguments. */
const instruction = ($, name, ...rest) => seq(keyword($, name), optional($._flags), ...rest);

/** The content of a word. */
const pieces = $ => repeat1(choice($._text, $.expansion, $.double_quoted_string, $.single_quoted_string));

module.exports = grammar({
  name: 'dockerfile',

  // Spaces are skipped by the scanner; this pattern only lets the end of the file be reached.
  extras: $ => [
    /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/,
    $.line_continuation,
    $.comment,
  ],

  // The order is that of `enum Token` in src/scanner/state.h.
  externals: $ => [
    $._newline, $.line_continuation, $.comment,
    $._directive_mark, $.directive_name, $.directive_value,
    ...INSTRUCTIONS.map(name => $[`_${name}`]), $._none, $.unknown_keyword,
    $._flag_dashes, $.end_of_flags, $._as, $._assign,
    $._word_start, $._rest_start, $._pair_start, $._legacy_start,
    $._text, $._dollar, $._brace_open, $._brace_close, $.variable, $.operator,
    $._double_quote, $._single_quote, $._implicit_close,
    $._shell_text,
    $._json_mark, $._json_open, $._json_close, $._json_comma, $.json_string, $.json_value,
    $._heredoc_mark, $._heredoc_word, $._heredoc_newline, $._heredoc_lines, $.heredoc_end,
  ],

  inline: $ => [$._last, $._instruction, $._step, $._command],

  rules: {
    source_file: $ => seq(
      repeat(seq($.directive, $._newline)),
      optional(choice($.directive, $._last, seq(repeat1(choice($._stage, seq($._step, $._newline))), optional($._last)))),
    ),

    // Hidden: a stage is one node so that an edit keeps the other stages whole (tree-sitter keeps no repetition).
    // A step behind a stage belongs to it. That the grammar takes one beside it too makes the same tokens valid behind a
    // stage as in it: only then is the FROM that follows kept.
    _stage: $ => prec.right(seq($.from_instruction, $._newline, repeat(seq($._step, $._newline)))),

    // Without a newline at the end of the file.
    _last: $ => choice($._step, $._open_stage),
    _open_stage: $ => choice(
      $.from_instruction,
      prec.right(seq($.from_instruction, $._newline, repeat(seq($._step, $._newline)), $._step)),
    ),

    directive: $ => seq(
      alias($._directive_mark, '#'),
      field('name', $.directive_name),
      alias($._assign, '='),
      field('value', $.directive_value),
    ),

    _instruction: $ => choice($.from_instruction, $._step),

    _step: $ => choice(
      $.unknown_instruction,
      ...INSTRUCTIONS.filter(name => name !== 'from').map(name => $[`${name}_instruction`]),
    ),

    // ---- instructions ----

    from_instruction: $ => instruction($, 'from', optional(seq(
      field('image', alias($._word, $.image_spec)),
      choice(
        repeat(alias($._word, $.word)),
        seq(alias($._as, 'AS'), optional(seq(
          field('alias', alias($._word, $.image_alias)),
          repeat(alias($._word, $.word)),
        ))),
      ),
    ))),

    run_instruction: $ => instruction($, 'run',
      optional(choice($.json_array, $.shell_command)),
      repeat($._heredoc),
    ),

    cmd_instruction: $ => instruction($, 'cmd', optional($._command)),
    entrypoint_instruction: $ => instruction($, 'entrypoint', optional($._command)),
    shell_instruction: $ => instruction($, 'shell', optional($._command)),

    copy_instruction: $ => instruction($, 'copy', optional($._copied)),
    add_instruction: $ => instruction($, 'add', optional($._copied)),
    volume_instruction: $ => instruction($, 'volume', choice($.json_array, repeat(alias($._word, $.path)))),

    label_instruction: $ => instruction($, 'label', optional($._pairs)),
    env_instruction: $ => instruction($, 'env', optional($._pairs)),
    arg_instruction: $ => instruction($, 'arg', repeat($.pair)),

    expose_instruction: $ => instruction($, 'expose', repeat(alias($._word, $.expose_port))),

    workdir_instruction: $ => instruction($, 'workdir', optional(alias($._rest, $.path))),
    user_instruction: $ => instruction($, 'user', optional(alias($._rest, $.word))),
    stopsignal_instruction: $ => instruction($, 'stopsignal', optional(alias($._rest, $.word))),
    maintainer_instruction: $ => instruction($, 'maintainer', optional($.text)),

    onbuild_instruction: $ => instruction($, 'onbuild', optional($._instruction)),

    healthcheck_instruction: $ => instruction($, 'healthcheck', optional(choice(
      seq(alias($._none, 'NONE'), optional($.text)),
      alias($._healthcheck_command, $.cmd_instruction),
      seq($.unknown_keyword, optional($.text)),
    ))),

    // Behind the type word there are no flags any more: `HEALTHCHECK CMD --x` runs a program called --x.
    _healthcheck_command: $ => seq(keyword($, 'cmd'), optional($._command)),

    unknown_instruction: $ => seq($.unknown_keyword, optional($._flags), optional($.text)),

    // ---- arguments ----

    _flags: $ => choice(seq(repeat1($.flag), optional($.end_of_flags)), $.end_of_flags),

    flag: $ => seq(
      alias($._flag_dashes, '--'),
      optional(field('name', $.flag_name)),
      optional(seq(alias($._assign, '='), optional(field('value', $.flag_value)))),
    ),
    flag_name: $ => repeat1($._text),
    flag_value: $ => repeat1(choice($._text, $.expansion)),

    _command: $ => choice($.json_array, alias($._plain_command, $.shell_command)),
    _plain_command: $ => repeat1($._shell_text),
    shell_command: $ => repeat1(choice($._shell_text, $.heredoc_start)),
    text: $ => repeat1($._shell_text),

    _copied: $ => choice(
      $.json_array,
      seq(repeat1(choice(alias($._word, $.path), $.heredoc_start)), repeat($._heredoc)),
    ),

    heredoc_start: $ => seq($._heredoc_mark, $._heredoc_word),
    _heredoc: $ => seq($._heredoc_newline, optional($.heredoc_body), optional($.heredoc_end)),
    heredoc_body: $ => repeat1($._heredoc_lines),

    json_array: $ => seq(
      $._json_mark,
      alias($._json_open, '['),
      optional(seq($._json_element, repeat(seq(alias($._json_comma, ','), $._json_element)))),
      alias($._json_close, ']'),
    ),
    _json_element: $ => choice($.json_string, $.json_value),

    _pairs: $ => choice(repeat1($.pair), $.legacy_pair),
    pair: $ => seq(
      $._pair_start,
      optional(field('name', alias($._pieces, $.pair_name))),
      optional(seq(alias($._assign, '='), optional(field('value', alias($._pieces, $.value))))),
    ),
    legacy_pair: $ => seq(
      $._legacy_start,
      field('name', alias($._pieces, $.pair_name)),
      optional(field('value', alias($._rest, $.value))),
    ),

    // ---- words ----

    // The start tokens are empty; they tell the scanner what ends the word: a blank, an unquoted space, the line.
    _word: $ => seq($._word_start, pieces($)),
    _rest: $ => seq($._rest_start, pieces($)),
    _pieces: $ => pieces($),

    // A quote or brace that the word leaves open is closed by an empty token, so that it costs no ERROR node.
    double_quoted_string: $ => seq(
      alias($._double_quote, '"'),
      repeat(choice($._text, $.expansion)),
      choice(alias($._double_quote, '"'), $._implicit_close),
    ),
    single_quoted_string: $ => seq(
      alias($._single_quote, '\''),
      repeat($._text),
      choice(alias($._single_quote, '\''), $._implicit_close),
    ),

    expansion: $ => choice(
      seq(alias($._dollar, '$'), field('name', $.variable)),
      seq(
        alias($._brace_open, '${'),
        optional(field('name', $.variable)),
        optional(field('operator', $.operator)),
        optional(field('argument', alias($._pieces, $.argument))),
        choice(alias($._brace_close, '}'), $._implicit_close),
      ),
    ),
  },
});
