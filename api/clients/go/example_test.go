package turnix_test

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"time"

	"turnixd/turnix"
)

// A server whose signed-in users get credentials for their calls. What it answers goes into
// new RTCPeerConnection({ iceServers }) as it is.
func Example() {
	turn := &turnix.Client{
		BaseURL: os.Getenv("TURNIX_URL"),
		Token:   os.Getenv("TURNIX_TOKEN"),
		HTTP:    &http.Client{Timeout: 5 * time.Second},
	}
	http.HandleFunc("/ice", func(to http.ResponseWriter, request *http.Request) {
		// Here: who is signed in, and may they call? Only then:
		made, err := turn.IssueICE(request.Context(), turnix.ICERequest{Room: "standup", TTL: 60})
		var refused *turnix.Error
		if errors.As(err, &refused) && refused.RetryAfter > 0 {
			http.Error(to, "try again", http.StatusServiceUnavailable)
			return
		}
		if err != nil {
			log.Print(err)
			http.Error(to, "no relay", http.StatusBadGateway)
			return
		}
		json.NewEncoder(to).Encode(made)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:3000", nil))
}
