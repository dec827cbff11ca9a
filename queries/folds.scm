; Editors fold only what spans several lines.

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
  (onbuild_instruction)
  (stopsignal_instruction)
  (healthcheck_instruction)
  (maintainer_instruction)
  (heredoc_body)
] @fold

(comment)+ @fold
