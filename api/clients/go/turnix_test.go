package turnix

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"
)

// A server that answers each request alike, and keeps the last one and its body.
func answering(t *testing.T, status int, header map[string]string, body string) (*Client, *http.Request, *string) {
	t.Helper()
	var last http.Request
	var sent string
	server := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, request *http.Request) {
		bytes, _ := io.ReadAll(request.Body)
		last, sent = *request, string(bytes)
		for name, value := range header {
			to.Header().Set(name, value)
		}
		to.WriteHeader(status)
		io.WriteString(to, body)
	}))
	t.Cleanup(server.Close)
	return &Client{BaseURL: server.URL + "/", Token: "secret"}, &last, &sent
}

func TestIssueSendsWhatIsWishedAndReadsWhatIsMade(t *testing.T) {
	client, last, sent := answering(t, 200, nil, `{"iceServers":[{"urls":["stun:a:3478"]},
		{"urls":["turn:a:3478"],"username":"u","credential":"p"}],"expiresAt":"2026-01-06T15:14:22.277Z",
		"ttl":60,"region":"eu","credential_id":"c1"}`)
	made, err := client.IssueICE(context.Background(), ICERequest{Room: "r", TTL: 60, ClientIP: "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	if last.Method != "POST" || last.URL.Path != "/api/v1/credentials/ice" {
		t.Errorf("asked %s %s", last.Method, last.URL.Path)
	}
	if last.Header.Get("Authorization") != "Bearer secret" || last.Header.Get("X-TURN-CLIENT-IP") != "192.0.2.7" {
		t.Errorf("sent %v", last.Header)
	}
	if *sent != `{"room":"r","ttl":60}` {
		t.Errorf("sent %s", *sent)
	}
	if made.Region != "eu" || made.ICEServers[1].Username != "u" || made.ExpiresAt.Year() != 2026 {
		t.Errorf("read %+v", made)
	}
	browser, _ := json.Marshal(made.ICEServers[0])
	if string(browser) != `{"urls":["stun:a:3478"]}` {
		t.Errorf("a browser gets %s", browser)
	}
}

func TestErrorsSayWhatIsWrongAndWhenToAskAgain(t *testing.T) {
	for _, row := range []struct {
		status int
		header map[string]string
		body   string
		code   string
		wait   time.Duration
	}{
		{400, nil, `{"error":{"code":"field_invalid","message":"no","param":"ttl","request_id":"r1"}}`, "field_invalid", 0},
		{429, map[string]string{"Retry-After": "3"}, `{"error":{"code":"rate_limited"}}`, "rate_limited", 3 * time.Second},
		{502, nil, `<html>`, "unknown", 0},
	} {
		client, _, _ := answering(t, row.status, row.header, row.body)
		_, err := client.IssueICE(context.Background(), ICERequest{})
		var refused *Error
		if !errors.As(err, &refused) {
			t.Fatalf("%d is %v", row.status, err)
		}
		if refused.Status != row.status || refused.Code != row.code || refused.RetryAfter != row.wait {
			t.Errorf("%d is read as %+v", row.status, refused)
		}
	}
}

func TestRevokeEscapesTheID(t *testing.T) {
	client, last, _ := answering(t, 200, nil, `{}`)
	if err := client.Revoke(context.Background(), "a/b"); err != nil {
		t.Fatal(err)
	}
	if last.Method != "DELETE" || last.URL.EscapedPath() != "/api/v1/credentials/a%2Fb" {
		t.Errorf("asked %s %s", last.Method, last.URL.EscapedPath())
	}
}

// Against a daemon that runs; tests/e2e/guide.test.mjs starts one.
func TestDaemon(t *testing.T) {
	client := &Client{BaseURL: os.Getenv("TURNIX_URL"), Token: os.Getenv("TURNIX_TOKEN")}
	if client.BaseURL == "" {
		t.Skip("TURNIX_URL names no daemon")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	made, err := client.IssueICE(ctx, ICERequest{Room: "tutorial", InitiatorClient: "ada", TTL: 60})
	if err != nil {
		t.Fatal(err)
	}
	if made.TTL != 60 || made.CredentialID == "" || len(made.ICEServers) != 2 {
		t.Errorf("made %+v", made)
	}
	if err := client.Revoke(ctx, made.CredentialID); err != nil {
		t.Error(err)
	}
	client.Token += "x"
	_, err = client.IssueICE(ctx, ICERequest{})
	var refused *Error
	if !errors.As(err, &refused) || refused.Status != 401 || refused.Code != "unauthorized" {
		t.Errorf("a wrong token is %v", err)
	}
}
