; `inner` and `outer` are Neovim's names, `inside` and `around` Helix's and Zed's.

; An instruction

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
] @function.outer @function.around

(_ (shell_command) @function.inner @function.inside)
(_ (json_array) @function.inner @function.inside)
(_ (heredoc_body) @function.inner @function.inside)

; An argument

[
  (flag)
  (pair)
  (legacy_pair)
  (path)
  (expose_port)
  (json_string)
  (image_spec)
] @parameter.outer @parameter.around

(flag_value) @parameter.inner @parameter.inside
(value) @parameter.inner @parameter.inside

; A comment

(comment) @comment.inner @comment.inside
(comment)+ @comment.outer @comment.around
