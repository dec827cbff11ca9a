// A note book in SQLite: the driver is C, so the program needs cgo.
package main

import (
	"database/sql"
	"log"

	_ "github.com/mattn/go-sqlite3"
)

func main() {
	db, err := sql.Open("sqlite3", "/data/notes.db")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := db.Exec("create table if not exists notes (text)"); err != nil {
		log.Fatal(err)
	}
}
