-- For the picture: findings behind their lines, and nothing that depends on the machine.
vim.o.swapfile, vim.o.termguicolors, vim.o.number, vim.o.signcolumn, vim.o.background = false, true, true, 'yes', 'dark'
vim.diagnostic.config({ virtual_text = true })
