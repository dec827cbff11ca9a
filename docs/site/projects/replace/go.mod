module example.com/app

go 1.26.0

require (
	example.com/greet v0.0.0
	github.com/google/uuid v1.6.0
)

replace example.com/greet => ./third/greet
