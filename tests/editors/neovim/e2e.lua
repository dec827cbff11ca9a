-- Opens the file as a user does: findings, hover, completion, an action, save.
local here = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))
local steps = dofile(here .. '/steps.lua')
local say, mark, wait = steps.say, steps.mark, steps.wait
local buffer = vim.api.nvim_get_current_buf()
local RULE, TITLE = 'modules-after-source', 'download the modules before the source is copied'

local function findings()
  return vim.tbl_filter(function(found)
    return found.source == 'dockline'
  end, vim.diagnostic.get(buffer))
end

local function finding()
  for _, found in ipairs(findings()) do
    if found.code == RULE then
      return found
    end
  end
end

local function float()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      return table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), '\n')
    end
  end
end

local function diagnostics()
  wait('the finding ' .. RULE, finding)
  for _, each in ipairs(findings()) do
    say(('%d:%d %s: %s'):format(each.lnum + 1, each.col + 1, each.code, each.message))
  end
  mark('diagnostics ok')
end

local function hover()
  vim.api.nvim_win_set_cursor(0, { 1, 6 })
  vim.lsp.buf.hover()
  local text = wait('the hover', float)
  if not text:find('Docker official image', 1, true) then
    error('the hover says nothing of the image: ' .. text, 0)
  end
  mark('hover ok')
end

local function press(keys, mode)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, false, true), mode, false)
end

-- As typed: a new line above ENTRYPOINT, the beginning of a variable, CTRL-X CTRL-O, the value.
local function completion()
  local function line()
    return vim.api.nvim_buf_get_lines(buffer, 7, 8, true)[1]
  end
  local waits = tonumber(vim.env.PATIENCE) * 10
  -- The name that is offered alone is there at once; insertion goes on until then.
  local timer = vim.uv.new_timer()
  timer:start(100, 100, vim.schedule_wrap(function()
    waits = waits - 1
    -- Of calls that have queued up, one answers.
    if timer:is_active() and (line() == 'ENV GOTRACEBACK=' or waits <= 0) then
      timer:stop()
      press('all<Esc>', 'n')
    end
  end))
  vim.api.nvim_win_set_cursor(0, { 8, 0 })
  press('OENV GOTRACE<C-x><C-o>', 'x!')
  timer:close()
  if line() ~= 'ENV GOTRACEBACK=all' then
    error('completion made ' .. line(), 0)
  end
  mark('completion ok')
end

local function action()
  local found = finding()
  vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
  local before, titles, taken = vim.b[buffer].changedtick, {}, nil
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(offered)
      titles[#titles + 1] = offered.title
      local wanted = not taken and offered.title == TITLE
      taken = taken or wanted
      return wanted
    end,
  })
  local ok = pcall(wait, 'the edit', function()
    return vim.b[buffer].changedtick ~= before
  end)
  if not ok then
    error('the action was not applied; offered: ' .. vim.inspect(titles), 0)
  end
  wait('the finding to go', function()
    return not finding()
  end)
  mark('action ok')
end

steps.run(function()
  local client = steps.client(buffer)
  say('client', client.name, client.server_info.version, client.offset_encoding)
  diagnostics()
  hover()
  completion()
  action()
  vim.cmd('silent write')
  client:stop()
  wait('the server to end', function()
    return client:is_stopped()
  end)
end)
