// A program that asks another server for the news, and says when it did.
package main

import (
	"fmt"
	"log"
	"net/http"
	"time"
)

func main() {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		log.Fatal(err)
	}
	answer, err := http.Get("https://example.com/news")
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	fmt.Println(time.Now().In(paris), answer.Status)
}
