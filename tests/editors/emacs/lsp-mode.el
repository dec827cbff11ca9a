;;; lsp-mode.el --- lsp-mode, configured as editors/emacs says  -*- lexical-binding: t -*-

(load (expand-file-name "steps.el" (file-name-directory load-file-name)) nil t)
(setq lsp-auto-guess-root t
      lsp-session-file (expand-file-name "session" user-emacs-directory))
(require 'lsp-mode)
(require 'lsp-diagnostics)
(require 'lsp-completion)
(load (getenv "CONFIGURATION") nil t)
;; `lsp-deferred' waits until the buffer is shown in a window, which batch mode never does.
(fset 'lsp-deferred #'lsp)

(defun client-findings ()
  (mapcar #'lsp:diagnostic-message (lsp--get-buffer-diagnostics)))

(defun client-hover ()
  (let ((answer (lsp-request "textDocument/hover" (lsp--text-document-position-params))))
    (lsp:markup-content-value (lsp:hover-contents answer))))

(defun client-complete ()
  ;; As company does it: plain `completion-at-point' leaves out what the server adds to a name.
  (pcase-let* ((`(,start ,end ,table . ,more) (lsp-completion-at-point))
               (chosen (car (all-completions (buffer-substring start end) table))))
    (delete-region start end)
    (insert chosen)
    (funcall (plist-get more :exit-function) chosen 'finished)))

(defun client-act ()
  (call-interactively #'lsp-execute-code-action))

(defun client-stop ()
  "Nothing: lsp-mode stops its servers when Emacs ends.")

(steps)
;;; lsp-mode.el ends here
