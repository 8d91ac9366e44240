package vault

import (
	"context"
	"slices"
	"strings"
)

// awsBatch is how many secrets AWS returns at a time.
const awsBatch = 20

// awsSecretsManager fetches secrets by name or ARN. The account is a profile of the AWS CLI. For a secret that is
// a JSON object it returns name/key for each key.
func awsSecretsManager(ctx context.Context, q *query) (Values, error) {
	var all Values
	for names := range slices.Chunk(q.names(), awsBatch) {
		secrets, err := awsGet(ctx, q, names)
		if err != nil {
			return nil, err
		}
		for _, s := range secrets {
			if s.SecretString == nil {
				return nil, q.failuref("secret %s is binary", s.Name)
			}
			all = s.add(all)
		}
	}
	return all, nil
}

type awsSecret struct {
	Name         string
	SecretString *string
}

func (s awsSecret) add(all Values) Values {
	object, err := members(*s.SecretString)
	if err != nil {
		return all.with(s.Name, *s.SecretString)
	}
	for _, m := range object {
		if text, ok := m.text(); ok {
			all = all.with(s.Name+"/"+m.key, text)
		}
	}
	return all
}

func awsGet(ctx context.Context, q *query, names []string) ([]awsSecret, error) {
	args := slices.Concat([]string{"secretsmanager", "batch-get-secret-value", "--secret-id-list"}, names)
	if q.Account != "" {
		args = append(args, "--profile", q.Account)
	}
	out, err := q.output(ctx, append(args, "--output", "json")...)
	if err != nil {
		return nil, q.failure("read "+strings.Join(names, ", "), err)
	}
	var got struct {
		SecretValues []awsSecret
		Errors       []struct{ SecretId, Message string }
	}
	if err := q.decode(out, &got); err != nil {
		return nil, err
	}
	var failed []string
	for _, e := range got.Errors {
		failed = append(failed, e.SecretId+": "+e.Message)
	}
	if len(failed) > 0 {
		return nil, q.failuref("read %s", strings.Join(failed, "; "))
	}
	return got.SecretValues, nil
}
