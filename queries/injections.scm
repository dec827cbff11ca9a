((comment) @injection.content
  (#set! injection.language "comment"))

; The shell form is a shell's. (SHELL itself takes no commands.)

((run_instruction (shell_command) @injection.content)
  (#set! injection.language "bash")
  (#set! injection.include-children))

((cmd_instruction (shell_command) @injection.content)
  (#set! injection.language "bash")
  (#set! injection.include-children))

((entrypoint_instruction (shell_command) @injection.content)
  (#set! injection.language "bash")
  (#set! injection.include-children))

; A heredoc that is the whole command is a script. If it begins with `#!`, another language may be meant.

((run_instruction
  (shell_command) @_command
  (heredoc_body) @injection.content)
  (#match? @_command "^<<-?[ \t]*[^ \t]+$")
  (#not-match? @injection.content "^[ \t]*#!")
  (#set! injection.language "bash"))

((run_instruction
  (shell_command) @_command
  (heredoc_body) @injection.content)
  (#match? @_command "(^(ba|da|a|z|k)?sh[ \t]+<<|<<-?[^ \t]+[ \t]+(ba|da|a|z|k)?sh$)")
  (#set! injection.language "bash"))

((run_instruction
  (shell_command) @_command
  (heredoc_body) @injection.content)
  (#match? @_command "(^python3?[ \t]+(-[ \t]+)?<<|<<-?[^ \t]+[ \t]+python3?$)")
  (#set! injection.language "python"))

((run_instruction
  (shell_command) @_command
  (heredoc_body) @injection.content)
  (#match? @_command "^<<-?[ \t]*[^ \t]+$")
  (#match? @injection.content "^[ \t]*#![^\n]*python")
  (#set! injection.language "python"))

((run_instruction
  (shell_command) @_command
  (heredoc_body) @injection.content)
  (#match? @_command "^<<-?[ \t]*[^ \t]+$")
  (#match? @injection.content "^[ \t]*#![^\n]*sh")
  (#set! injection.language "bash"))

((json_array) @injection.content
  (#set! injection.language "json")
  (#set! injection.include-children))
