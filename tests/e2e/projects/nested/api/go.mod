module example.com/api

go 1.27

require example.org/greet v1.0.0
