// Package store keeps notes in SQLite.
package store

import (
	"context"
	"database/sql"

	_ "github.com/mattn/go-sqlite3" // the driver is C, hence cgo
)

// Store is an open note book.
type Store struct {
	db *sql.DB
}

// Open opens the file, or makes it.
func Open(path string) (*Store, error) {
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		return nil, err
	}
	_, err = db.Exec("CREATE TABLE IF NOT EXISTS notes (text TEXT NOT NULL)")
	return &Store{db: db}, err
}

// Add appends a note.
func (s *Store) Add(ctx context.Context, text string) error {
	_, err := s.db.ExecContext(ctx, "INSERT INTO notes (text) VALUES (?)", text)
	return err
}

// All returns the notes, oldest first.
func (s *Store) All(ctx context.Context) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT text FROM notes ORDER BY rowid")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}
