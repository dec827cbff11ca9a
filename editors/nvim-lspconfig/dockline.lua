---@brief
---
--- https://github.com/dockline/dockline
---
--- A Dockerfile language server that knows Go. It reads `go.mod`, the imports and `.dockerignore` beside the Dockerfile.
---
--- Install it with `cargo install dockline`, `npm install -g dockline` or `pip install dockline`.
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
