// Package turnix asks a turnixd node for TURN credentials, and takes them back. Copy this directory into your
// server, or generate a client of the whole API from api/openapi.yaml.
package turnix

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// An answer is far smaller; whoever sends more is not turnixd.
const answerBytesMax = 1 << 20

// Client is for any number of goroutines. Its token stays on your server: whoever has it can issue credentials.
type Client struct {
	// BaseURL is where the API is reached: "https://turn.example.net".
	BaseURL string
	Token   string
	// HTTP is http.DefaultClient when nil. Give it a Timeout, or each call a context with a deadline.
	HTTP *http.Client
}

// ICERequest says for whom a credential is; every field may be left out.
type ICERequest struct {
	Room            string `json:"room,omitempty"`
	InitiatorClient string `json:"initiator_client,omitempty"`
	ReceiverClient  string `json:"receiver_client,omitempty"`
	// TTL is in seconds; sessions can be started until then.
	TTL             int    `json:"ttl,omitempty"`
	FixedRegion     string `json:"fixed_region,omitempty"`
	PreferredRegion string `json:"preferred_region,omitempty"`
	// ClientIP is the caller's address, which the nearest region is found by. Without it, your server's is.
	ClientIP string `json:"-"`
}

// ICEServer marshals to what RTCPeerConnection takes.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// ICECredentials go to your client as they are.
type ICECredentials struct {
	ICEServers   []ICEServer `json:"iceServers"`
	ExpiresAt    time.Time   `json:"expiresAt"`
	TTL          int         `json:"ttl"`
	Region       string      `json:"region"`
	CredentialID string      `json:"credential_id"`
}

// Error is an answer of the API that says no.
type Error struct {
	Status    int
	Code      string `json:"code"`
	Message   string `json:"message"`
	Param     string `json:"param"`
	RequestID string `json:"request_id"`
	// RetryAfter is how long to wait before asking again; zero when that would not help.
	RetryAfter time.Duration `json:"-"`
}

func (e *Error) Error() string {
	return fmt.Sprintf("turnixd answers %d %s: %s (request %s)", e.Status, e.Code, e.Message, e.RequestID)
}

// IssueICE makes a credential. An error of the API is an *Error.
func (c *Client) IssueICE(ctx context.Context, wish ICERequest) (*ICECredentials, error) {
	body, err := json.Marshal(wish)
	if err != nil {
		return nil, err
	}
	request, err := c.newRequest(ctx, http.MethodPost, "/api/v1/credentials/ice", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if wish.ClientIP != "" {
		request.Header.Set("X-TURN-CLIENT-IP", wish.ClientIP)
	}
	var made ICECredentials
	if err := c.do(request, &made); err != nil {
		return nil, err
	}
	return &made, nil
}

// Revoke ends the credential and its sessions.
func (c *Client) Revoke(ctx context.Context, credentialID string) error {
	path := "/api/v1/credentials/" + url.PathEscape(credentialID)
	request, err := c.newRequest(ctx, http.MethodDelete, path, nil)
	if err != nil {
		return err
	}
	return c.do(request, nil)
}

func (c *Client) newRequest(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.BaseURL, "/")+path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.Token)
	return request, nil
}

func (c *Client) do(request *http.Request, into any) error {
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, answerBytesMax))
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return errorOf(response, body)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

// A proxy in between may answer with what is no JSON.
func errorOf(response *http.Response, body []byte) error {
	var answer struct {
		Error Error `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Error.Code == "" {
		answer.Error = Error{Code: "unknown", Message: http.StatusText(response.StatusCode)}
	}
	answer.Error.Status = response.StatusCode
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		answer.Error.RetryAfter = time.Duration(seconds) * time.Second
	}
	return &answer.Error
}
