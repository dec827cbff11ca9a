package main

import (
	"database/sql"
	"fmt"
	"os"

	_ "github.com/mattn/go-sqlite3"
)

const release = "RELEASE"

func main() {
	db, err := sql.Open("sqlite3", ":memory:")
	var sum int
	if err == nil {
		err = db.QueryRow("select 20 + 22").Scan(&sum)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("sqlite says", sum, len(release) > 0)
}
