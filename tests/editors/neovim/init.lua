-- What a user's init.lua holds: nothing, when the plugin is installed as a package; or the way for Neovim before 0.11.
vim.o.swapfile = false
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
end
