;;; steps.el --- What both clients are put through  -*- lexical-binding: t -*-

;; The client's own file says how it does what differs: `client-findings', `client-hover', `client-complete', `client-act',
;; `client-stop'.

(require 'package)
(package-initialize)
(setq make-backup-files nil
      auto-save-default nil
      create-lockfiles nil
      enable-local-variables nil)

(defconst steps-title "download the modules before the source is copied")
(defconst steps-problem "every source change downloads all Go modules again")

(defun steps-mark (line)
  (write-region (concat line "\n") nil (getenv "MARKS") t 'quiet))

(defun steps-wait (what condition)
  "Wait until CONDITION gives something, and return it."
  (let ((end (+ (float-time) (string-to-number (getenv "PATIENCE"))))
        result)
    (while (and (not (setq result (funcall condition))) (< (float-time) end))
      (accept-process-output nil 0.05))
    (or result (error "Waited in vain for %s" what))))

(defun steps-found ()
  "The text of the finding that the action remedies, when it is there."
  (seq-find (lambda (text) (string-search steps-problem text)) (client-findings)))

(defun steps-choose (_prompt items &rest _)
  "Answer like a user who takes `steps-title' of ITEMS."
  (let ((titles (all-completions "" items)))
    (or (seq-find (lambda (title) (equal (substring-no-properties title) steps-title)) titles)
        (error "The action is not offered, but: %S" titles))))

(defun steps-complete ()
  "Type a new line above ENTRYPOINT, the beginning of a variable, complete it, type its value."
  (goto-char (point-min))
  (search-forward "ENTRYPOINT")
  (beginning-of-line)
  (insert "ENV GOTRACE\n")
  (backward-char)
  (client-complete)
  (insert "all")
  (let ((line (buffer-substring (line-beginning-position) (line-end-position))))
    (unless (equal line "ENV GOTRACEBACK=all")
      (error "Completion made %s" line))))

(defun steps ()
  (find-file "Dockerfile")
  (unless (eq major-mode 'dockerfile-mode)
    (error "The mode is %s" major-mode))
  ;; What waits for the next command of a user, who is not there.
  (run-hooks 'post-command-hook)
  (steps-wait "the finding" #'steps-found)
  (message "findings: %S" (client-findings))
  (steps-mark "diagnostics ok")
  (goto-char (point-min))
  (search-forward "FROM ")
  (unless (string-search "Docker official image" (client-hover))
    (error "The hover says nothing of the image"))
  (steps-mark "hover ok")
  (steps-complete)
  (steps-mark "completion ok")
  (goto-char (point-min))
  (search-forward "COPY . .")
  (beginning-of-line)
  (cl-letf (((symbol-function 'completing-read) #'steps-choose))
    (client-act))
  (steps-wait "the edit" (lambda () (string-search "RUN go mod download" (buffer-string))))
  (steps-wait "the finding to go" (lambda () (not (steps-found))))
  (steps-mark "action ok")
  (save-buffer)
  (client-stop)
  (kill-emacs 0))

;;; steps.el ends here
