module example.com/shop

go 1.27

require (
	example.org/greet v1.0.0
	example.org/money v1.0.0
	example.org/words v1.0.0
)
