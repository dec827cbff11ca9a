---@brief
---
--- dockline: a Dockerfile language server that knows Go.
---
--- The binary `dockline` must be on `$PATH`. With this folder's parent on 'runtimepath' (Neovim 0.11 and later):
---
--- ```lua
--- vim.lsp.enable('dockline')
--- ```
---
--- Settings are those of `dockline.toml`:
---
--- ```lua
--- vim.lsp.config('dockline', {
---   settings = { dockline = { preset = 'pedantic', rules = { ['latest-tag'] = 'off' } } },
--- })
--- ```

---@type vim.lsp.Config
return {
  cmd = { 'dockline', 'lsp' },
  filetypes = { 'dockerfile' },
  root_markers = { 'dockline.toml', 'go.work', 'go.mod', '.git' },
}
