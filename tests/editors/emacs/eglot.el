;;; eglot.el --- Eglot, configured as editors/emacs says  -*- lexical-binding: t -*-

(load (expand-file-name "steps.el" (file-name-directory load-file-name)) nil t)
(require 'eglot)
(load (getenv "CONFIGURATION") nil t)

(defun client-findings ()
  (when (and (bound-and-true-p flymake-mode) (eglot-current-server))
    ;; Batch mode is never idle, when Eglot sends what was changed.
    (eglot--signal-textDocument/didChange)
    (flymake-start)
    (mapcar #'flymake-diagnostic-text (flymake-diagnostics))))

(defun client-hover ()
  (let (answer)
    (run-hook-with-args
     'eldoc-documentation-functions
     (lambda (text &rest _) (when (string-search "golang" text) (setq answer text))))
    (steps-wait "the hover" (lambda () answer))))

(defun client-complete ()
  (completion-at-point))

(defun client-act ()
  ;; Not by the mouse: no menu pops up.
  (setq last-nonmenu-event t)
  (call-interactively #'eglot-code-actions))

(defun client-stop ()
  (let* ((server (eglot-current-server))
         (stderr (get-buffer (format " *EGLOT %s stderr*" (eglot-project-nickname server)))))
    (when (and stderr (< 0 (buffer-size stderr)))
      (message "ERROR of the server: %s" (with-current-buffer stderr (buffer-string))))
    (eglot-shutdown server)))

(steps)
;;; eglot.el ends here
