// Command httpreq stands between a client that gives its DNS proofs over HTTP, as lego's provider
// of that name does, and the management of Pebble's DNS server: it passes
//
//	POST /present {"fqdn": …, "value": …}    on as    POST /set-txt {"host": …, "value": …}
//	POST /cleanup {"fqdn": …}                on as    POST /clear-txt {"host": …}
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: httpreq LISTEN MANAGEMENT")
		os.Exit(2)
	}
	fmt.Fprintln(os.Stderr, http.ListenAndServe(os.Args[1], handler(os.Args[2])))
	os.Exit(1)
}

// handler passes records on to a management address such as http://127.0.0.1:8055.
func handler(management string) http.Handler {
	mux := http.NewServeMux()
	for from, to := range map[string]string{"POST /present": "/set-txt", "POST /cleanup": "/clear-txt"} {
		mux.HandleFunc(from, func(w http.ResponseWriter, r *http.Request) {
			if err := pass(r, management+to); err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
			}
		})
	}
	return mux
}

func pass(r *http.Request, to string) error {
	var asked struct{ FQDN, Value string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{"host": asked.FQDN, "value": asked.Value})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s says %s", to, answer.Status)
	}
	return nil
}
