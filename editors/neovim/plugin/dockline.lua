-- What a plugin manager loads: the file type that Neovim lacks, the server, its commands.
vim.filetype.add({ extension = { containerfile = 'dockerfile' } })

if vim.g.loaded_dockline or not vim.lsp.enable then
  return
end
vim.g.loaded_dockline = true

if vim.g.dockline_enable ~= false then
  vim.lsp.enable('dockline')
end

vim.api.nvim_create_user_command('DocklineGenerate', function(given)
  require('dockline').generate(given.args ~= '' and given.args or nil)
end, { nargs = '?', desc = 'Write a Dockerfile for the Go module of this folder' })

vim.api.nvim_create_autocmd('LspAttach', {
  group = vim.api.nvim_create_augroup('dockline', {}),
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == 'dockline' then
      require('dockline').commands(event.buf)
    end
  end,
})
