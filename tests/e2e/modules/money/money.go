// Package money writes amounts.
package money

import "fmt"

// Euro writes cents as euros.
func Euro(cents int) string { return fmt.Sprintf("%d.%02d EUR", cents/100, cents%100) }
