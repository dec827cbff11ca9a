package main

/*
#include <math.h>
#include <stdlib.h>
#cgo LDFLAGS: -lm

static double root(double x) { return sqrt(x); }
*/
import "C"

import (
	"fmt"
	"net"
)

const release = "RELEASE"

func main() {
	host, port, _ := net.SplitHostPort("localhost:80")
	fmt.Println("root", float64(C.root(2)) > 1.41, host, port, len(release) > 0)
}
