" Description: dockline, a Dockerfile language server that knows Go

call ale#Set('dockerfile_dockline_executable', 'dockline')

" The Go module, else the repository, else the folder of the file.
function! DocklineRoot(buffer) abort
    let l:found = ale#path#FindNearestFile(a:buffer, 'go.mod')

    if empty(l:found)
        let l:found = ale#path#FindNearestDirectory(a:buffer, '.git/')
        let l:found = empty(l:found) ? bufname(a:buffer) : fnamemodify(l:found, ':h')
    endif

    return fnamemodify(l:found, ':p:h')
endfunction

call ale#linter#Define('dockerfile', {
\   'name': 'dockline',
\   'lsp': 'stdio',
\   'executable': {buffer -> ale#Var(buffer, 'dockerfile_dockline_executable')},
\   'command': '%e lsp',
\   'project_root': function('DocklineRoot'),
\})
