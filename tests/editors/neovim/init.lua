-- What a user's init.lua holds, with the shipped configuration.
vim.o.swapfile = false
vim.opt.runtimepath:append(vim.env.DOCKLINE_EDITOR)
if vim.env.DOCKLINE_OLD == '1' then
  vim.api.nvim_create_autocmd('FileType', {
    pattern = 'dockerfile',
    callback = function(event)
      vim.lsp.start({
        name = 'dockline',
        cmd = { 'dockline', 'lsp' },
        root_dir = vim.fs.dirname(vim.fs.find({ 'go.mod', '.git' }, {
          upward = true,
          path = vim.api.nvim_buf_get_name(event.buf),
        })[1]),
      })
    end,
  })
else
  vim.lsp.enable('dockline')
end
