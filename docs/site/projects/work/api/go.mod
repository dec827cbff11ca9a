module example.com/api

go 1.26.0

require (
	example.com/lib v0.0.0
	github.com/google/uuid v1.6.0
)
