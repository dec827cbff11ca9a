;; dockline by lsp-mode: for init.el.
(with-eval-after-load 'lsp-mode
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection '("dockline" "lsp"))
                    :activation-fn (lsp-activate-on "dockerfile")
                    ;; Before the server for Dockerfiles that lsp-mode knows.
                    :priority 1
                    :server-id 'dockline)))
(add-hook 'dockerfile-mode-hook #'lsp-deferred)
(add-hook 'dockerfile-ts-mode-hook #'lsp-deferred)
