; Continued lines stand one step in. What a heredoc holds keeps its own indentation.

[
  (from_instruction)
  (run_instruction)
  (cmd_instruction)
  (entrypoint_instruction)
  (shell_instruction)
  (label_instruction)
  (env_instruction)
  (arg_instruction)
  (expose_instruction)
  (add_instruction)
  (copy_instruction)
  (volume_instruction)
  (user_instruction)
  (workdir_instruction)
  (stopsignal_instruction)
  (healthcheck_instruction)
] @indent @indent.begin

(heredoc_body) @indent.ignore
(heredoc_end) @indent.zero @outdent
