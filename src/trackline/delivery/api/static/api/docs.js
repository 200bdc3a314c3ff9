/* Starts Swagger UI on the API page. Calls go out with the session of the signed-in person and its CSRF token. */
const box = document.getElementById("api-docs");

SwaggerUIBundle({
  url: box.dataset.openapi,
  domNode: box,
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  defaultModelsExpandDepth: 0,
  syntaxHighlight: { activated: false },
  persistAuthorization: false,
  validatorUrl: null,
  requestInterceptor: (request) => {
    request.headers["X-CSRFToken"] = box.dataset.csrf;
    return request;
  },
});
