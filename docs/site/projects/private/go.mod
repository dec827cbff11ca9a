module example.com/app

go 1.26.0

require git.example.com/team/lib v1.2.0
