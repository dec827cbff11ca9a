; A stage

(from_instruction
  alias: (image_alias) @name) @definition.module

; A variable

(arg_instruction
  (pair name: (pair_name) @name) @definition.constant)

(env_instruction
  (pair name: (pair_name) @name) @definition.constant)

(env_instruction
  (legacy_pair name: (pair_name) @name) @definition.constant)

(expansion
  name: (variable) @name) @reference.constant

; A file written in place

(copy_instruction (heredoc_start) @name) @definition.constant
