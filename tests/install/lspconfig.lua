-- Two configurations of Neovim say the same: nvim -l lspconfig.lua ONE OTHER
local one, other = dofile(_G.arg[1]), dofile(_G.arg[2])
for _, key in ipairs({ 'cmd', 'filetypes', 'root_markers' }) do
  if type(one[key]) ~= 'table' or not vim.deep_equal(one[key], other[key]) then
    io.stderr:write(('%s differs: %s, %s\n'):format(key, vim.inspect(one[key]), vim.inspect(other[key])))
    os.exit(1)
  end
end
