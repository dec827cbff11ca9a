// Command api serves a list of things to do.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"

	"example.com/hobby-api/internal/todo"
)

// version is set by the linker.
var version = "dev"

func main() {
	secret := os.Getenv("JWT_SECRET")
	if secret == "" {
		log.Fatal("JWT_SECRET is not set")
	}
	list := todo.NewList()
	http.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(version))
	})
	http.HandleFunc("GET /todos", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(list.All())
	})
	http.HandleFunc("POST /todos", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+secret {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(list.Add(r.FormValue("title")))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
