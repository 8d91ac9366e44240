package vault

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// gcpSecretManager fetches secrets by [project/]name[/version]. The project "default" is the one of the gcloud
// configuration. The account is "default" or a user, optionally followed by | and the service accounts to
// impersonate.
func gcpSecretManager(ctx context.Context, q *query) (Values, error) {
	if err := gcpLogin(ctx, q); err != nil {
		return nil, err
	}
	var all Values
	for _, name := range q.names() {
		secret, err := gcpParse(q, name)
		if err != nil {
			return nil, err
		}
		value, err := secret.read(ctx, q)
		if err != nil {
			return nil, err
		}
		all = all.with(secret.key(), value)
	}
	return all, nil
}

func gcpLogin(ctx context.Context, q *query) error {
	in, err := gcpLoggedIn(ctx, q)
	if err != nil || in {
		return err
	}
	if err := q.interact(ctx, "auth", "login"); err != nil {
		return q.loginFailure("log in", err)
	}
	if in, err = gcpLoggedIn(ctx, q); err == nil && !in {
		return q.loginFailure("nobody is logged in", nil)
	}
	return err
}

func gcpLoggedIn(ctx context.Context, q *query) (bool, error) {
	out, err := q.output(ctx, "auth", "list", "--format=json")
	if err != nil {
		return false, q.loginFailure("ask who is logged in", err)
	}
	var accounts []json.RawMessage
	err = q.decode(out, &accounts)
	return len(accounts) > 0, err
}

type gcpSecret struct{ project, name, version string }

func gcpParse(q *query, name string) (gcpSecret, error) {
	way := parts(name)
	switch len(way) {
	case 1:
		return gcpSecret{"default", way[0], "latest"}, nil
	case 2:
		return gcpSecret{way[0], way[1], "latest"}, nil
	case 3:
		return gcpSecret{way[0], way[1], way[2]}, nil
	}
	return gcpSecret{}, q.failuref("%s is not of the form [project/]name[/version]", name)
}

func (s gcpSecret) key() string { return s.project + "/" + s.name }

func (s gcpSecret) read(ctx context.Context, q *query) (string, error) {
	args := []string{"secrets", "versions", "access", s.version, "--secret=" + s.name}
	if s.project != "default" {
		args = append(args, "--project="+s.project)
	}
	user, services, _ := strings.Cut(q.Account, "|")
	if user != "default" {
		args = append(args, "--account="+user)
	}
	if services != "" {
		args = append(args, "--impersonate-service-account="+services)
	}
	out, err := q.output(ctx, append(args, "--format=json")...)
	if err != nil {
		return "", q.failure("read "+s.key(), err)
	}
	var got struct{ Payload struct{ Data string } }
	if err := q.decode(out, &got); err != nil {
		return "", err
	}
	value, err := base64.RawStdEncoding.DecodeString(plainBase64.Replace(got.Payload.Data))
	if err != nil {
		return "", q.failuref("read %s: gcloud printed something else than base64", s.key())
	}
	return string(value), nil
}

// plainBase64 converts base64 for URLs, which gcloud prints, to the standard alphabet without padding.
var plainBase64 = strings.NewReplacer("-", "+", "_", "/", "=", "")
