; Keywords

[
  "FROM" "AS" "RUN" "CMD" "ENTRYPOINT" "SHELL" "LABEL" "ENV" "ARG" "EXPOSE" "ADD" "COPY" "VOLUME" "USER" "WORKDIR"
  "ONBUILD" "STOPSIGNAL" "HEALTHCHECK" "NONE" "MAINTAINER"
] @keyword

(unknown_keyword) @error

; Comments and directives

(comment) @comment

(directive
  "#" @comment
  name: (directive_name) @keyword.directive
  "=" @operator
  value: (directive_value) @string.special)

; Flags

(flag "--" @punctuation.delimiter)
(flag_name) @attribute
(flag "=" @operator)
(flag_value) @string
(end_of_flags) @punctuation.delimiter

; Stages and images

(image_spec) @string.special
(image_alias) @label

; Arguments

(path) @string.special.path
(expose_port) @number
(user_instruction (word) @string.special)
(stopsignal_instruction (word) @constant.builtin)
(maintainer_instruction (text) @string)

(pair name: (pair_name) @property)
(legacy_pair name: (pair_name) @property)
(pair "=" @operator)
(value) @string

(double_quoted_string) @string
(single_quoted_string) @string

(json_array ["[" "]"] @punctuation.bracket)
(json_array "," @punctuation.delimiter)
(json_string) @string
(json_value) @error

; Expansions

(expansion ["$" "${" "}"] @punctuation.special)
(expansion operator: (operator) @operator)
(expansion argument: (argument) @string)
(variable) @variable

; Heredocs

[(heredoc_start) (heredoc_end)] @label
(copy_instruction (heredoc_body) @string)
(add_instruction (heredoc_body) @string)

(line_continuation) @punctuation.special
