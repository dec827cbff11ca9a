// A program that needs a private module.
package main

import "git.example.com/team/lib"

func main() { lib.Run() }
