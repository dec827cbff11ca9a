module example.com/replace

go 1.27

require (
	example.com/third v0.0.0
	example.org/greet v1.0.0
)

replace example.com/third => ./third
