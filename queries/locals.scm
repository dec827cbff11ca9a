(source_file) @local.scope

; Stages

(from_instruction alias: (image_alias) @local.definition)

; Variables

(arg_instruction (pair name: (pair_name) @local.definition))
(env_instruction (pair name: (pair_name) @local.definition))
(env_instruction (legacy_pair name: (pair_name) @local.definition))

(expansion name: (variable) @local.reference)
(from_instruction image: (image_spec) @local.reference)

((flag
  name: (flag_name) @_name
  value: (flag_value) @local.reference)
  (#eq? @_name "from"))
