module example.com/vendored

go 1.27

require example.org/greet v1.0.0
