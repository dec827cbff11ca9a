module example.com/app

go 1.27

require example.org/greet v1.0.0
