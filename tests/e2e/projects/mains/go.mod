module example.com/mains

go 1.27

require example.org/greet v1.0.0
