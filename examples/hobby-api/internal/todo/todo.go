// Package todo keeps things to do in memory.
package todo

import (
	"sync"

	"github.com/google/uuid"
)

// Item is one thing to do.
type Item struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// List is safe for use by several requests.
type List struct {
	mutex sync.Mutex
	items []Item
}

// NewList returns an empty list.
func NewList() *List { return &List{} }

// Add appends an item.
func (l *List) Add(title string) Item {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	item := Item{ID: uuid.NewString(), Title: title}
	l.items = append(l.items, item)
	return item
}

// All returns the items in the order they were added.
func (l *List) All() []Item {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return append([]Item{}, l.items...)
}
