-- What the scripts share: patience, marks, and an end with an exit code.
local M = {}

function M.say(...)
  io.stdout:write(table.concat({ ... }, ' '), '\n')
end

function M.mark(line)
  local file = assert(io.open(vim.env.MARKS, 'a'))
  file:write(line, '\n')
  file:close()
end

function M.wait(what, condition)
  local result
  local ok = vim.wait(tonumber(vim.env.PATIENCE) * 1000, function()
    result = condition()
    return result
  end, 20)
  if not ok then
    error('waited in vain for ' .. what, 0)
  end
  return result
end

-- The client of a buffer, when it is ready.
function M.client(buffer)
  return M.wait('the server', function()
    local found = vim.lsp.get_clients({ bufnr = buffer, name = 'dockline' })[1]
    return found and found.initialized and found
  end)
end

-- Runs the steps; any failure ends Neovim with code 1.
function M.run(steps)
  local ok, message = xpcall(steps, function(message)
    return tostring(message)
  end)
  if not ok then
    M.say('FAILED:', message)
    vim.cmd('cquit 1')
  end
  vim.cmd('qall!')
end

return M
